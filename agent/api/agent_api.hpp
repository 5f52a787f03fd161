// AgentApi: the agent's own HTTP API: what tools know from Mesos agents, and /tepui/v1/containers.
#pragma once

#include <memory>
#include <string>

#include "agent/api/agent_view.hpp"
#include "lib/async/task_group.hpp"
#include "lib/http/router.hpp"

namespace tepui::agent {

/// [loop] Reads only. Must outlive the server that has its routes.
class AgentApi {
 public:
  AgentApi(Executor executor, AgentView view);

  [[nodiscard]] http::Router routes();
  /// For /metrics/snapshot; set once the server exists.
  void set_server_metrics(const http::ServerMetrics& metrics) { server_metrics_ = &metrics; }

  /// Ends downloads.
  Async<void> close();

 private:
  Async<http::Response> state(http::Request request);
  Async<http::Response> version(http::Request request);
  Async<http::Response> health(http::Request request);
  Async<http::Response> metrics(http::Request request);
  Async<http::Response> statistics(http::Request request);
  Async<http::Response> containers_of_mesos(http::Request request);
  Async<http::Response> containers(http::Request request);
  Async<http::Response> flags(http::Request request);
  Async<http::Response> read_file(http::Request request);
  Async<http::Response> browse_files(http::Request request);
  Async<http::Response> download_file(http::Request request);
  Async<void> send_file(std::shared_ptr<http::RecordStream> stream, UniqueFd file);
  Async<std::string> list_of_executors(bool has_status);

  Executor executor_;
  AgentView view_;
  const http::ServerMetrics* server_metrics_ = nullptr;
  TaskGroup downloads_;
};

}  // namespace tepui::agent
