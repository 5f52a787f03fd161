#include "master/agent_api.hpp"

#include "lib/base/try.hpp"
#include "master/call_transport.hpp"

namespace tepui::master {

using tepui::v1::AgentCall;

Async<http::Response> AgentApi::call(http::Request request) {
  AgentCall call;
  if (auto refusal = read_call(request, call)) co_return std::move(*refusal);
  if (auto error = MasterCore::call_error(call)) co_return http::Response::text(400, std::move(*error));
  if (call.type() == AgentCall::SUBSCRIBE) {
    co_return co_await subscribe(std::move(request), std::move(call));
  }
  TEPUI_CO_ASSIGN(Answer answer, co_await runner_.agent_call(std::move(call), stream_id_of(request)));
  co_return answer_call(std::move(answer));
}

Async<http::Response> AgentApi::subscribe(http::Request request, AgentCall call) {
  std::optional<http::Response> refusal;
  OpenedStream opened = open_stream(request, runner_, refusal);
  if (refusal) co_return std::move(*refusal);
  const Result<Answer> answer = co_await runner_.agent_call(std::move(call), opened.id);
  co_return answer_subscription(std::move(opened), answer);
}

}  // namespace tepui::master
