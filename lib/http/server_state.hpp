// What the server's listener and connections share. Private to lib/http.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lib/async/task_group.hpp"
#include "lib/http/record_stream.hpp"
#include "lib/http/server.hpp"
#include "lib/http/stream.hpp"

namespace tepui::http {

struct ServerShared {
  ServerShared(Executor e, Router r, ServerOptions o)
      : executor(e), router(std::move(r)), options(std::move(o)), tasks(e, "http server", nullptr) {}

  Executor executor;
  Router router;
  ServerOptions options;
  ServerMetrics metrics;
  TaskGroup tasks;
  std::uint64_t next_connection_id = 1;
};

/// Serves one connection until it closes. Never fails: what goes wrong is between us and the client, and counted.
Async<void> serve_connection(std::shared_ptr<ServerShared> server, Stream stream);

/// Answers 503 and closes: more connections than the options allow.
Async<void> refuse_connection(std::shared_ptr<ServerShared> server, Stream stream);

}  // namespace tepui::http
