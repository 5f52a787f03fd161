// Router: method and path to handler; an exact path first, then the longest prefix.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/async/async.hpp"
#include "lib/http/request.hpp"
#include "lib/http/response.hpp"

namespace tepui::http {

/// Runs on the loop. An Error becomes its Response::of_error; an exception becomes 500. Usually a lambda that calls a member
/// coroutine: `[this](http::Request request) { return state(std::move(request)); }` (itself no coroutine).
using Handler = std::function<Async<Response>(Request)>;

class Router {
 public:
  /// method "*" takes any method. Paths are canonical ("/slave(1)/state").
  void add(std::string method, std::string path, Handler handler);
  /// Takes `path` itself and everything below it ("/slaves" takes "/slaves/x", not "/slavesx").
  void add_prefix(std::string method, std::string path, Handler handler);

  struct Found {
    const Handler* handler = nullptr;  // nullptr: 404, or 405 when `allowed` is not empty
    std::string allowed;               // "GET, POST": methods of that path
  };
  /// Method HEAD finds the handler of GET.
  [[nodiscard]] Found find(std::string_view method, std::string_view path) const;

 private:
  using Methods = std::map<std::string, Handler, std::less<>>;
  std::map<std::string, Methods, std::less<>> exact_;
  std::map<std::string, Methods, std::less<>> prefixes_;
};

}  // namespace tepui::http
