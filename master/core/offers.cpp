#include "master/core/offers.hpp"

namespace tepui::master {

Offer* Offers::find(std::string_view id) {
  const auto found = offers_.find(id);
  return found == offers_.end() ? nullptr : &found->second;
}

const Offer* Offers::find(std::string_view id) const {
  const auto found = offers_.find(id);
  return found == offers_.end() ? nullptr : &found->second;
}

std::vector<std::string> Offers::ids_of_framework(std::string_view framework_id) const {
  std::vector<std::string> ids;
  for (const auto& [id, offer] : offers_) {
    if (offer.framework_id == framework_id) ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> Offers::ids_on_agent(std::string_view agent_id) const {
  std::vector<std::string> ids;
  for (const auto& [id, offer] : offers_) {
    if (offer.agent_id == agent_id) ids.push_back(id);
  }
  return ids;
}

Offer& Offers::add(Offer offer) {
  std::string id = offer.id;
  return offers_.emplace(std::move(id), std::move(offer)).first->second;
}

Offer Offers::end(std::string_view id, OfferEvent event) {
  const auto found = offers_.find(id);
  Offer offer = std::move(found->second);
  offers_.erase(found);
  ++ended_.at(static_cast<std::size_t>(*kOfferLifecycle.at(OfferState::Outstanding, event)));
  return offer;
}

}  // namespace tepui::master
