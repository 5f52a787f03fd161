#include "master/daemon.hpp"

#include <fmt/format.h>

#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "master/work_dir.hpp"

namespace tepui::master {

Daemon::Daemon(Executor executor, MasterFlags flags)
    : executor_(executor), flags_(std::move(flags)), failed_(executor) {}
Daemon::~Daemon() = default;

http::Router Daemon::make_router() {
  // The parts exist when the first request comes: the server's loop turns only after start() has returned.
  http::Router router;
  router.add("POST", "/api/v1/scheduler", [this](http::Request request) { return schedulers_->call(std::move(request)); });
  router.add("POST", "/master/api/v1/scheduler",
             [this](http::Request request) { return schedulers_->call(std::move(request)); });
  router.add("POST", "/api/v1/agent", [this](http::Request request) { return agents_->call(std::move(request)); });
  operators_.add_to(router);
  return router;
}

Result<http::Endpoint> Daemon::start() {
  TEPUI_TRY(prepare_work_dir(flags_.work_dir));
  remove_address_file(flags_.work_dir);
  TEPUI_ASSIGN(registry_, Registry::open(flags_.work_dir + "/registry.db"));
  TEPUI_ASSIGN(const RegistryContents contents, registry_->read());

  // The core has to know the port, so the server is bound before there is a core.
  MasterConfig config = flags_.config;
  http::ServerOptions options;
  options.body_bytes = flags_.body_limit_bytes;
  options.allowed_hosts = {config.hostname};
  server_ = std::make_unique<http::Server>(executor_, make_router(), options);
  TEPUI_ASSIGN(const http::Endpoint bound, server_->listen({flags_.ip, flags_.port}));
  config.ip = bound.address;
  config.port = bound.port;
  runner_ = std::make_unique<CoreRunner>(executor_, std::move(config), clock_, random_, *registry_, contents,
                                         [this](const Error& error) {
                                           failure_ = error;
                                           failed_.notify();
                                         });
  schedulers_ = std::make_unique<SchedulerApi>(*runner_);
  agents_ = std::make_unique<AgentApi>(*runner_);
  operators_.attach(*runner_, *server_);
  runner_->start();
  TEPUI_TRY(write_address_file(flags_.work_dir, bound.to_string()));
  log::info("master started", {{"master", runner_->core().master_id()},
                               {"address", bound.to_string()},
                               {"work_dir", flags_.work_dir},
                               {"registry_entries", contents.size()}});
  return bound;
}

Async<void> Daemon::wait_failure() {
  TEPUI_CO_TRY(co_await failed_.wait());
  co_return *failure_;
}

Async<void> Daemon::stop() {
  remove_address_file(flags_.work_dir);
  if (runner_) runner_->begin_stop();
  if (server_) {
    TEPUI_CO_TRY(co_await server_->close(), "stop the HTTP server");
  }
  if (runner_) {
    TEPUI_CO_TRY(co_await runner_->close(), "stop the master");
  }
  co_return ok();
}

}  // namespace tepui::master
