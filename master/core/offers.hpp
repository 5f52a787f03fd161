// Offers: those that are outstanding, by id.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "master/core/offer.hpp"

namespace tepui::master {

class Offers {
 public:
  /// nullptr if it is not outstanding.
  [[nodiscard]] Offer* find(std::string_view id);
  [[nodiscard]] const Offer* find(std::string_view id) const;
  [[nodiscard]] const std::map<std::string, Offer, std::less<>>& all() const { return offers_; }
  [[nodiscard]] std::vector<std::string> ids_of_framework(std::string_view framework_id) const;
  [[nodiscard]] std::vector<std::string> ids_on_agent(std::string_view agent_id) const;

  /// Its id is new.
  Offer& add(Offer offer);
  /// Ends it by `event` and gives it back; it is outstanding.
  Offer end(std::string_view id, OfferEvent event);
  /// How many ended each way since the start.
  [[nodiscard]] std::uint64_t ended(OfferState state) const { return ended_.at(static_cast<std::size_t>(state)); }

 private:
  std::map<std::string, Offer, std::less<>> offers_;
  std::array<std::uint64_t, kOfferLifecycle.state_names.size()> ended_{};
};

}  // namespace tepui::master
