// Any bytes as a request: what the gate lets through, Beast must read the same way, and the poison behind it stays behind.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "lib/http/chunk_gate.hpp"
#include "lib/http/header_gate.hpp"
#include "lib/http/host_check.hpp"
#include "lib/http/message_parser.hpp"
#include "lib/http/target.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_target(const std::string& raw) {
  const auto target = tepui::http::parse_target(raw);
  if (!target) return;
  require(target->path.front() == '/' && target->path.find("//") == std::string::npos &&
          target->path.find("/../") == std::string::npos && target->path.find('\0') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tepui::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    check_target(std::string(text));
    return 0;
  }
  const std::string_view raw = text.substr(0, end + 4);
  std::string_view body = text.substr(end + 4);
  const auto checked = check_head(raw, {});
  const auto* head = std::get_if<RequestHead>(&checked);
  if (head == nullptr) return 0;
  check_target(head->target);
  static_cast<void>(check_host(head->headers, "10.0.0.1", {"a.test"}));
  MessageParser parser(MessageParser::Kind::Request, {16U << 10U, std::nullopt});
  if (!parser.put(raw)) return 0;  // Beast is stricter in places; the server refuses then
  require(parser.has_head() && parser.is_chunked() == head->is_chunked);
  require(parser.method() == head->method && parser.target() == head->target);
  if (!head->is_chunked) {
    require(head->content_length != 0 || parser.is_done());
    return 0;
  }
  ChunkGate gate;
  std::size_t own = 0;
  const auto verdict = gate.put(body, own);
  if (verdict == ChunkGate::Verdict::Malformed) return 0;
  const auto used = parser.put(body.substr(0, own));
  require(used.has_value() && *used == own);
  require(parser.is_done() == (verdict == ChunkGate::Verdict::Done));
  return 0;
}
