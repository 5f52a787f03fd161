// What lib/http costs per call and per record. Client and server share one loop and one core: both sides are in the numbers.
#include <benchmark/benchmark.h>

#include "lib/async/condition.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/async/task_group.hpp"
#include "lib/http/client.hpp"
#include "lib/http/header_gate.hpp"
#include "lib/http/record_stream.hpp"
#include "lib/http/server.hpp"

namespace tepui::http {
namespace {

Async<Response> echo(Request request) { co_return Response::text(200, std::move(request.body)); }

Async<Response> subscribe(std::shared_ptr<RecordStream> stream) {
  co_return Response::streaming("application/x-protobuf", stream);
}

struct Pair {
  Pair() {
    Router router;
    router.add("POST", "/echo", [](Request request) { return echo(std::move(request)); });
    router.add("POST", "/stream", [this](Request) { return subscribe(stream); });
    server = std::make_unique<Server>(loop.executor(), std::move(router));
    const auto bound = server->listen({"127.0.0.1", 0});
    client = std::make_unique<Client>(loop.executor(), HostPort{bound->address, bound->port});
  }
  ~Pair() { static_cast<void>(block_on(loop, server->close())); }
  EventLoop loop;
  std::shared_ptr<RecordStream> stream = RecordStream::create(loop.executor());
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;
};

Async<void> call_often(Client* client, std::size_t times, std::size_t body_bytes) {
  for (std::size_t i = 0; i < times; ++i) {
    Call call{"POST", "/echo", {{"Content-Type", "application/x-protobuf"}}, std::string(body_bytes, 'x')};
    auto reply = co_await client->send(std::move(call));
    if (!reply || reply->status != 200) co_return Error(ErrorCode::Internal, "call");
  }
  co_return ok();
}

Async<void> call_side_by_side(EventLoop* loop, Client* client, std::size_t clients, std::size_t times) {
  TaskGroup group(loop->executor(), "clients", nullptr);
  for (std::size_t i = 0; i < clients; ++i) static_cast<void>(group.spawn("client", call_often(client, times, 1024)));
  auto drained = co_await group.drain();
  co_return drained;
}

void post_one_by_one(benchmark::State& state) {
  Pair pair;
  constexpr std::size_t kTimes = 200;
  for (auto _ : state) {
    if (!block_on(pair.loop, call_often(pair.client.get(), kTimes, 1024))) state.SkipWithError("a call failed");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kTimes));
}
BENCHMARK(post_one_by_one)->Unit(benchmark::kMicrosecond);

void post_eight_side_by_side(benchmark::State& state) {
  Pair pair;
  for (auto _ : state) {
    if (!block_on(pair.loop, call_side_by_side(&pair.loop, pair.client.get(), 8, 50))) state.SkipWithError("a call failed");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * 8 * 50));
}
BENCHMARK(post_eight_side_by_side)->Unit(benchmark::kMicrosecond);

Async<void> read_bytes(ReplyStream* reply, std::size_t bytes) {
  while (bytes > 0) {
    auto some = co_await reply->read_some(std::chrono::seconds(10));
    if (!some) co_return some.error();
    bytes -= std::min(bytes, some->size());
  }
  co_return ok();
}

Async<void> send_and_read(Client* client, std::shared_ptr<RecordStream> stream, benchmark::State* state) {
  Call call{"POST", "/stream", {}, ""};
  auto reply = co_await client->open(std::move(call));
  if (!reply) co_return reply.error();
  const std::string record(300, 'r');
  for (auto _ : *state) {
    for (int i = 0; i < 100; ++i) stream->send(record);
    auto read = co_await read_bytes(&*reply, 100 * record.size());
    if (!read) co_return read.error();
  }
  co_return ok();
}

void records_of_300_bytes(benchmark::State& state) {
  Pair pair;
  auto done = block_on(pair.loop, send_and_read(pair.client.get(), pair.stream, &state));
  if (!done) state.SkipWithError("the stream broke");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * 100));
}
BENCHMARK(records_of_300_bytes)->Unit(benchmark::kMicrosecond);

void header_gate(benchmark::State& state) {
  const std::string head =
      "POST /api/v1/scheduler HTTP/1.1\r\nHost: 127.0.0.1:5050\r\nUser-Agent: bench\r\nAccept: application/x-protobuf\r\n"
      "Content-Type: application/x-protobuf\r\nMesos-Stream-Id: 130ae4e3-6b13-4ef4-baa9-9f2e85c3e9af\r\nContent-Length: 512\r\n\r\n";
  for (auto _ : state) benchmark::DoNotOptimize(check_head(head, {}));
}
BENCHMARK(header_gate);

}  // namespace
}  // namespace tepui::http

BENCHMARK_MAIN();
