#include "master/scheduler_api.hpp"

#include "lib/base/try.hpp"
#include "master/call_transport.hpp"

namespace tepui::master {

using mesos::v1::scheduler::Call;

Async<http::Response> SchedulerApi::call(http::Request request) {
  Call call;
  if (auto refusal = read_call(request, call)) co_return std::move(*refusal);
  if (auto error = MasterCore::call_error(call)) co_return http::Response::text(400, std::move(*error));
  if (call.type() == Call::SUBSCRIBE) {
    co_return co_await subscribe(std::move(request), std::move(call));
  }
  if (call.type() == Call::RECONCILE_OPERATIONS) {
    if (auto refusal = refuse_accept(request)) co_return std::move(*refusal);
  }
  TEPUI_CO_ASSIGN(Answer answer, co_await runner_.scheduler_call(std::move(call), stream_id_of(request)));
  co_return answer_call(std::move(answer));
}

Async<http::Response> SchedulerApi::subscribe(http::Request request, Call call) {
  std::optional<http::Response> refusal;
  OpenedStream opened = open_stream(request, runner_, refusal);
  if (refusal) co_return std::move(*refusal);
  const Result<Answer> answer = co_await runner_.scheduler_call(std::move(call), opened.id);
  co_return answer_subscription(std::move(opened), answer);
}

}  // namespace tepui::master
