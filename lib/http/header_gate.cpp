// The gate. Every refusal has its own constant reason, which the server counts.
#include "lib/http/header_gate.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace tepui::http {

namespace {

bool is_token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Fields that mean one thing once; twice, every reader picks another one.
constexpr std::array<std::string_view, 9> kSingleFields = {
    "host", "content-length", "transfer-encoding", "content-type", "authorization",
    "expect", "origin", "mesos-stream-id", "trailer"};

Refusal refuse(int status, std::string_view reason) { return Refusal{status, std::string(reason)}; }

Refusal read_request_line(std::string_view line, RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refuse(400, "malformed request line");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (method.empty() || method.size() > 32 ||
      !std::all_of(method.begin(), method.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; })) {
    return refuse(400, "malformed method");
  }
  if (method == "CONNECT") return refuse(400, "method CONNECT");
  if (target.empty() || target.find_first_of(" \t") != std::string_view::npos) {
    return refuse(400, "malformed request line");
  }
  if (version == "HTTP/1.0") {
    head.minor_version = 0;
  } else if (version != "HTTP/1.1") {
    const bool is_version = version.size() == 8 && version.starts_with("HTTP/") && version[5] >= '0' &&
                            version[5] <= '9' && version[6] == '.' && version[7] >= '0' && version[7] <= '9';
    return is_version ? refuse(505, "http version") : refuse(400, "malformed request line");
  }
  head.method = method;
  head.target = target;
  return {};
}

Refusal read_field(std::string_view line, RequestHead& head) {
  if (line.front() == ' ' || line.front() == '\t') return refuse(400, "folded field");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return refuse(400, "field without colon");
  const std::string_view name = line.substr(0, colon);
  if (!name.empty() && (name.back() == ' ' || name.back() == '\t')) return refuse(400, "blank before colon");
  if (!is_token(name)) return refuse(400, "malformed field name");
  const std::string_view value = trim(line.substr(colon + 1));
  for (const std::string_view single : kSingleFields) {
    if (equals_ignoring_case(name, single) && head.headers.contains(name)) {
      return refuse(400, "duplicate " + std::string(single));
    }
  }
  head.headers.add(std::string(name), std::string(value));
  return {};
}

Refusal read_length(RequestHead& head) {
  const std::string* length = head.headers.find("content-length");
  if (length == nullptr) return {};
  if (head.headers.contains("transfer-encoding")) return refuse(400, "content-length with transfer-encoding");
  const bool has_leading_zero = length->size() > 1 && length->front() == '0';
  if (!is_digits(*length) || has_leading_zero) return refuse(400, "malformed content-length");
  const auto [end, failed] =
      std::from_chars(length->data(), length->data() + length->size(), head.content_length);
  if (failed != std::errc() || end != length->data() + length->size()) return refuse(400, "malformed content-length");
  head.has_content_length = true;
  return {};
}

Refusal read_transfer_encoding(RequestHead& head) {
  const std::string* coding = head.headers.find("transfer-encoding");
  if (head.headers.contains("trailer")) return refuse(400, "trailers");
  if (coding == nullptr) return {};
  if (!equals_ignoring_case(*coding, "chunked")) return refuse(400, "transfer-encoding other than chunked");
  if (head.minor_version == 0) return refuse(400, "transfer-encoding in http 1.0");
  head.is_chunked = true;
  return {};
}

Refusal read_host(const RequestHead& head) {
  const std::string* host = head.headers.find("host");
  if (host == nullptr) return head.minor_version == 0 ? Refusal{} : refuse(400, "missing host");
  const bool is_plain = std::all_of(host->begin(), host->end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]~").find(c) != std::string_view::npos;
  });
  return host->empty() || !is_plain ? refuse(400, "malformed host") : Refusal{};
}

Refusal read_connection(RequestHead& head) {
  head.keeps_alive = head.minor_version == 1;
  for (const Header& field : head.headers) {
    if (!equals_ignoring_case(field.name, "connection")) continue;
    std::string_view rest = field.value;
    for (;;) {
      const auto comma = rest.find(',');
      const std::string_view option = trim(rest.substr(0, comma));
      if (!option.empty() && !is_token(option)) return refuse(400, "malformed connection");
      if (equals_ignoring_case(option, "close")) head.keeps_alive = false;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(comma + 1);
    }
  }
  if (const std::string* expect = head.headers.find("expect")) {
    if (!equals_ignoring_case(*expect, "100-continue")) return refuse(417, "expectation");
    head.expects_continue = head.minor_version == 1;
  }
  return {};
}

}  // namespace

Refusal check_head_bytes(std::string_view raw, std::size_t seen, const GateLimits& limits) {
  std::size_t lines = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto byte = static_cast<unsigned char>(raw[i]);
    if (byte == '\n') ++lines;
    if (i < seen) continue;
    if (byte == '\n') {
      if (i == 0 || raw[i - 1] != '\r') return refuse(400, "bare line feed");
      if (i == 1) return refuse(400, "blank line before the request");
    } else if (i > 0 && raw[i - 1] == '\r') {
      return refuse(400, "bare carriage return");
    } else if (byte == 0) {
      return refuse(400, "nul byte");
    } else if ((byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7f) {
      return refuse(400, "control byte");
    } else if (byte >= 0x80 && lines == 0) {
      return refuse(400, "malformed request line");
    }
  }
  if (raw.size() > limits.header_bytes) return refuse(431, "header bytes");
  if (lines > limits.header_fields + 2) return refuse(431, "header fields");
  return {};
}

std::variant<RequestHead, Refusal> check_head(std::string_view raw, const GateLimits& limits) {
  if (Refusal bad = check_head_bytes(raw, 0, limits); !bad.reason.empty()) return bad;
  if (!raw.ends_with("\r\n\r\n")) return refuse(400, "malformed request line");
  RequestHead head;
  std::string_view rest = raw.substr(0, raw.size() - 2);
  bool is_first = true;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest = rest.substr(end + 2);
    if (line.empty()) return refuse(400, "malformed request line");
    const Refusal bad = is_first ? read_request_line(line, head) : read_field(line, head);
    if (!bad.reason.empty()) return bad;
    is_first = false;
    if (head.headers.size() > limits.header_fields) return refuse(431, "header fields");
  }
  for (Refusal (*check)(RequestHead&) : {&read_length, &read_transfer_encoding, &read_connection}) {
    if (Refusal bad = check(head); !bad.reason.empty()) return bad;
  }
  if (Refusal bad = read_host(head); !bad.reason.empty()) return bad;
  return head;
}

}  // namespace tepui::http
