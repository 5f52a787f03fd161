// Heads are short: they are put together by hand.
#include "lib/http/response_text.hpp"

#include <ctime>

#include <fmt/format.h>

namespace tepui::http {

namespace {

constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// RFC 9110 5.6.7; by hand, since strftime follows the locale.
std::string format_date(std::time_t now) {
  std::tm t{};
  ::gmtime_r(&now, &t);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[t.tm_wday], t.tm_mday, kMonths[t.tm_mon],
                     t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

bool is_ours(const std::string& name) {
  for (const char* own : {"content-length", "transfer-encoding", "connection", "date"}) {
    if (equals_ignoring_case(name, own)) return true;
  }
  return false;
}

// A line end in a value would let whoever chose it write fields of his own.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  out += "\r\n";
}

std::string begin(const Response& response) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  append_field(out, "Date", format_date(std::time(nullptr)));
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  for (const Header& field : response.headers) {
    if (!is_ours(field.name)) append_field(out, field.name, field.value);
  }
  return out;
}

}  // namespace

std::string format_head(const Response& response, bool keeps_alive) {
  std::string out = begin(response);
  const bool has_no_body = response.status == 204 || response.status == 304 || response.status < 200;
  if (!has_no_body) append_field(out, "Content-Length", std::to_string(response.body.size()));
  if (!keeps_alive) append_field(out, "Connection", "close");
  return out + "\r\n";
}

std::string format_stream_head(const Response& response) {
  return begin(response) + "Transfer-Encoding: chunked\r\n\r\n";
}

std::string format_refusal(int status, const std::string& reason) {
  Response response = Response::text(status, "refuse the request: " + reason + "\n");
  return format_head(response, false) + response.body;
}

}  // namespace tepui::http
