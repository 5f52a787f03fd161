// DrfSorter: shares are computed when asked for; a cluster has tens of roles and frameworks, not millions.
#include "lib/model/drf_sorter.hpp"

#include <algorithm>
#include <tuple>

namespace tepui {

void DrfSorter::add_client(std::string_view name, double weight) {
  clients_.emplace(std::string(name), Client{}).first->second.weight = weight;
}

void DrfSorter::remove_client(std::string_view name) {
  if (const auto client = clients_.find(name); client != clients_.end()) clients_.erase(client);
}

void DrfSorter::allocated(std::string_view name, const Resources& resources) {
  const auto client = clients_.find(name);
  if (client == clients_.end()) return;
  ++client->second.allocations;
  for (const auto& [resource, amount] : resources.scalar_quantities()) {
    Scalar& held = client->second.held[resource];
    held = held + amount;
  }
}

void DrfSorter::unallocated(std::string_view name, const Resources& resources) {
  const auto client = clients_.find(name);
  if (client == clients_.end()) return;
  for (const auto& [resource, amount] : resources.scalar_quantities()) {
    Scalar& held = client->second.held[resource];
    held = held - amount;
  }
}

double DrfSorter::share_of(const Client& client) const {
  double share = 0;
  for (const auto& [resource, held] : client.held) {
    const auto total = total_.find(resource);
    if (total == total_.end() || total->second.is_zero()) continue;
    share = std::max(share, static_cast<double>(held.millis()) / static_cast<double>(total->second.millis()));
  }
  return share / client.weight;
}

double DrfSorter::share(std::string_view name) const {
  const auto client = clients_.find(name);
  return client == clients_.end() ? 0.0 : share_of(client->second);
}

std::vector<std::string> DrfSorter::sorted() const {
  std::vector<std::tuple<double, std::uint64_t, std::string_view>> order;
  order.reserve(clients_.size());
  for (const auto& [name, client] : clients_) order.emplace_back(share_of(client), client.allocations, name);
  std::sort(order.begin(), order.end());
  std::vector<std::string> names;
  names.reserve(order.size());
  for (const auto& entry : order) names.emplace_back(std::get<2>(entry));
  return names;
}

}  // namespace tepui
