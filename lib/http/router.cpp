// Looking a path up.
#include "lib/http/router.hpp"

namespace tepui::http {

namespace {

std::string join_methods(const std::map<std::string, Handler, std::less<>>& methods) {
  std::string all;
  for (const auto& [method, handler] : methods) all += (all.empty() ? "" : ", ") + method;
  return all;
}

Router::Found pick(const std::map<std::string, Handler, std::less<>>& methods, std::string_view method) {
  auto found = methods.find(method);
  if (found == methods.end() && method == "HEAD") found = methods.find("GET");
  if (found == methods.end()) found = methods.find("*");
  if (found == methods.end()) return {nullptr, join_methods(methods)};
  return {&found->second, {}};
}

}  // namespace

void Router::add(std::string method, std::string path, Handler handler) {
  exact_[std::move(path)][std::move(method)] = std::move(handler);
}

void Router::add_prefix(std::string method, std::string path, Handler handler) {
  prefixes_[std::move(path)][std::move(method)] = std::move(handler);
}

Router::Found Router::find(std::string_view method, std::string_view path) const {
  if (const auto exact = exact_.find(path); exact != exact_.end()) return pick(exact->second, method);
  for (std::string_view prefix = path;;) {
    if (const auto found = prefixes_.find(prefix); found != prefixes_.end()) return pick(found->second, method);
    const auto slash = prefix.rfind('/');
    if (slash == std::string_view::npos || prefix == "/") return {};
    prefix = slash == 0 ? std::string_view("/") : prefix.substr(0, slash);
  }
}

}  // namespace tepui::http
