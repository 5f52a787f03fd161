// DrfSorter: who has the smallest dominant share? One level; the allocator keeps one for roles and one per role for frameworks.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/resources.hpp"

namespace tepui {

/// Dominant Resource Fairness over scalar resources (Ghodsi et al., NSDI 2011). A client's share is the largest
/// allocated/total over all scalars, divided by its weight; an empty total counts nothing. What is offered counts as allocated.
/// Ties: fewer allocations first, then the name in byte order. Deterministic.
class DrfSorter {
 public:
  /// Adding one that is there changes its weight only. weight: above 0.
  void add_client(std::string_view name, double weight = 1.0);
  /// Forgets it and what it holds; unknown names are ignored.
  void remove_client(std::string_view name);
  [[nodiscard]] bool has_client(std::string_view name) const { return clients_.find(name) != clients_.end(); }
  [[nodiscard]] bool empty() const { return clients_.empty(); }

  /// What the shares are parts of.
  void set_total(const Resources& total) { total_ = total.scalar_quantities(); }

  /// One more offer or task that holds `resources`; unknown names are ignored.
  void allocated(std::string_view name, const Resources& resources);
  /// Gives back; stops at zero.
  void unallocated(std::string_view name, const Resources& resources);

  /// 0 for unknown names.
  [[nodiscard]] double share(std::string_view name) const;
  /// All names, the poorest first.
  [[nodiscard]] std::vector<std::string> sorted() const;

 private:
  struct Client {
    double weight = 1.0;
    std::uint64_t allocations = 0;
    std::map<std::string, Scalar> held;
  };
  [[nodiscard]] double share_of(const Client& client) const;

  std::map<std::string, Client, std::less<>> clients_;
  std::map<std::string, Scalar> total_;
};

}  // namespace tepui
