// AgentApi: the agent's own HTTP API: what tools know from Mesos agents, and /tepui/v1/containers.
#pragma once

#include <memory>
#include <string>

#include "agent/api/agent_view.hpp"
#include "lib/async/task_group.hpp"
#include "lib/http/router.hpp"

namespace tepui::agent {

/// [loop] Reads only. Must outlive the server that has its routes. Answers 503 until open_for().
class AgentApi {
 public:
  explicit AgentApi(Executor executor);

  [[nodiscard]] http::Router routes();
  /// The agent has recovered. `metrics` of the server that has the routes.
  void open_for(AgentView view, const http::ServerMetrics& metrics);

  /// Ends downloads.
  Async<void> close();

 private:
  using Answer = Async<http::Response> (AgentApi::*)(http::Request);

  Async<http::Response> answer(Answer answer, http::Request request);
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
  std::optional<AgentView> view_;
  const http::ServerMetrics* server_metrics_ = nullptr;
  TaskGroup downloads_;
};

}  // namespace tepui::agent
