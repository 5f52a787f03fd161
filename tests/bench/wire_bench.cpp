// What the wire costs per message: JSON and protobuf of an offer and of a task, and the framing of records.
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "api/json.hpp"
#include "api/record_io.hpp"
#include "mesos/v1/scheduler/scheduler.pb.h"

namespace tepui {
namespace {

void add_scalar(google::protobuf::RepeatedPtrField<mesos::v1::Resource>& resources, const char* name, double value) {
  auto& resource = *resources.Add();
  resource.set_name(name);
  resource.set_type(mesos::v1::Value::SCALAR);
  resource.mutable_scalar()->set_value(value);
}

mesos::v1::scheduler::Event make_offers(int count) {
  mesos::v1::scheduler::Event event;
  event.set_type(mesos::v1::scheduler::Event::OFFERS);
  for (int i = 0; i < count; ++i) {
    auto& offer = *event.mutable_offers()->add_offers();
    offer.mutable_id()->set_value(fmt::format("6b1a1b6e-0b5e-4e5f-9d8a-3c6f7c1d2e3f-O{}", i));
    offer.mutable_framework_id()->set_value("6b1a1b6e-0b5e-4e5f-9d8a-3c6f7c1d2e3f-0000");
    offer.mutable_agent_id()->set_value(fmt::format("6b1a1b6e-0b5e-4e5f-9d8a-3c6f7c1d2e3f-S{}", i));
    offer.set_hostname("agent.example");
    add_scalar(*offer.mutable_resources(), "cpus", 16);
    add_scalar(*offer.mutable_resources(), "mem", 65536);
    add_scalar(*offer.mutable_resources(), "disk", 1000000);
  }
  return event;
}

void format_offers_as_json(benchmark::State& state) {
  const auto event = make_offers(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(api::format_json(event));
}
BENCHMARK(format_offers_as_json)->Arg(1)->Arg(100);

void parse_offers_from_json(benchmark::State& state) {
  const std::string text = api::format_json(make_offers(static_cast<int>(state.range(0))));
  for (auto _ : state) {
    mesos::v1::scheduler::Event event;
    if (!api::parse_json(text, event)) state.SkipWithError("refused");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(parse_offers_from_json)->Arg(1)->Arg(100);

void parse_offers_from_protobuf(benchmark::State& state) {
  const std::string bytes = make_offers(static_cast<int>(state.range(0))).SerializeAsString();
  for (auto _ : state) {
    mesos::v1::scheduler::Event event;
    if (!api::parse_protobuf(bytes, event)) state.SkipWithError("refused");
  }
}
BENCHMARK(parse_offers_from_protobuf)->Arg(1)->Arg(100);

void frame_records(benchmark::State& state) {
  const std::string record(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(api::encode_record(record));
}
BENCHMARK(frame_records)->Arg(1000);

}  // namespace
}  // namespace tepui

BENCHMARK_MAIN();
