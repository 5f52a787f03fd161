#include "tests/integration/master/running_master.hpp"

#include <charconv>

#include <boost/json/parse.hpp>

#include "lib/base/try.hpp"

namespace tepui::master {
namespace {

using namespace std::chrono_literals;

constexpr auto kLimit = 5s;

MasterFlags flags_for(const std::string& work_dir) {
  MasterFlags flags;
  flags.port = 0;
  flags.work_dir = work_dir;
  flags.config.hostname = "127.0.0.1";
  return flags;
}

}  // namespace

RunningMaster::RunningMaster(std::string work_dir) : work_dir_(std::move(work_dir)), stop_(loop_.executor()) {
  std::promise<std::string> started;
  auto address = started.get_future();
  thread_ = std::thread([this, &started] { static_cast<void>(block_on(loop_, serve(&started))); });
  address_ = address.get();
}

void RunningMaster::stop() {
  if (!thread_.joinable()) return;
  loop_.post([this] { stop_.notify(); });
  thread_.join();
}

Async<void> RunningMaster::serve(std::promise<std::string>* started) {
  Daemon daemon(loop_.executor(), flags_for(work_dir_));
  auto bound = daemon.start();
  EXPECT_TRUE(bound) << bound.error().to_string();
  started->set_value(bound ? bound->to_string() : std::string());
  if (!bound) co_return bound.error();
  TEPUI_CO_TRY(co_await stop_.wait());
  TEPUI_CO_TRY(co_await daemon.stop());
  co_return ok();
}

EventStream::EventStream(const RunningMaster& master, const std::string& path, const std::string& body,
                         std::map<std::string, std::string> headers)
    : connection_(master.address()) {
  EXPECT_TRUE(connection_.send(cluster::format_request("POST", path, master.address(), headers, body), in(kLimit)));
  head_ = connection_.read_head(in(kLimit));
  if (head_.status != 200) connection_.read_body(head_, in(kLimit));
}

std::string EventStream::id() const {
  const auto found = head_.headers.find("mesos-stream-id");
  return found == head_.headers.end() ? "" : found->second;
}

std::optional<std::string> EventStream::next_record() {
  auto chunk = connection_.read_chunk(in(kLimit));
  if (!chunk) return std::nullopt;
  const auto newline = chunk->find('\n');
  std::size_t size = 0;
  if (newline != std::string::npos) std::from_chars(chunk->data(), chunk->data() + newline, size);
  EXPECT_EQ(size, chunk->size() - newline - 1) << "a chunk is one record: " << *chunk;
  return chunk->substr(newline + 1);
}

boost::json::object EventStream::next() {
  const auto record = next_record();
  if (!record) return {};
  EXPECT_EQ(record->find('\n'), std::string::npos);
  return boost::json::parse(*record).as_object();
}

boost::json::object EventStream::next(const std::string& type) {
  for (;;) {
    boost::json::object event = next();
    if (event.empty() || event.at("type").as_string() == type) return event;
  }
}

bool EventStream::is_ended() {
  while (next_record()) {
  }
  return connection_.is_closed_by_peer(in(kLimit));
}

std::string text_at(const boost::json::value& value, std::string_view path) {
  const boost::json::value* at = &value;
  while (at != nullptr && !path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    at = at->is_object() ? at->get_object().if_contains(path.substr(0, dot)) : nullptr;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at != nullptr && at->is_string() ? std::string(at->get_string()) : std::string();
}

std::string subscribe_call(const std::string& id, const std::string& more_info) {
  const std::string id_json = id.empty() ? "" : R"("id":{"value":")" + id + "\"},";
  const std::string outer = id.empty() ? "" : R"("framework_id":{"value":")" + id + "\"},";
  return R"({"type":"SUBSCRIBE",)" + outer + R"("subscribe":{"framework_info":{)" + id_json +
         R"("user":"nobody","name":"test","roles":["*"],"capabilities":[{"type":"MULTI_ROLE"}])" + more_info + "}}}";
}

std::string framework_call(const std::string& type, const std::string& framework_id, const std::string& more) {
  return R"({"type":")" + type + R"(","framework_id":{"value":")" + framework_id + "\"}" + (more.empty() ? "" : ",") + more + "}";
}

HttpReply MasterHttpTest::call(const std::string& body, const std::string& stream) const {
  std::map<std::string, std::string> headers{{"Content-Type", kJson}};
  if (!stream.empty()) headers["Mesos-Stream-Id"] = stream;
  return master_->post(kSchedulerPath, body, headers);
}

}  // namespace tepui::master
