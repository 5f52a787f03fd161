#include "master/media_type.hpp"

#include <cstdlib>

#include <google/protobuf/message.h>

#include "api/json.hpp"
#include "api/record_io.hpp"

namespace tepui::master {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes what stands before `separator` off the front of `rest`.
std::string_view take_piece(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return trimmed(piece);
}

bool is_weight_zero(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = take_piece(parameters, ';');
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos || !http::equals_ignoring_case(trimmed(parameter.substr(0, equals)), "q")) continue;
    const std::string weight(trimmed(parameter.substr(equals + 1)));
    return !weight.empty() && std::strtod(weight.c_str(), nullptr) == 0.0;
  }
  return false;
}

/// The most specific range that names `type` decides (RFC 9110, 12.5.1).
bool accepts(const http::Headers& headers, std::string_view type) {
  int best = 0;
  bool is_acceptable = false;
  bool is_present = false;
  for (const http::Header& header : headers) {
    if (!http::equals_ignoring_case(header.name, "Accept")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      std::string_view parameters = take_piece(rest, ',');
      if (parameters.empty()) continue;
      is_present = true;
      const std::string_view range = take_piece(parameters, ';');
      const int specificity = http::equals_ignoring_case(range, type)             ? 3
                              : http::equals_ignoring_case(range, "application/*") ? 2
                              : range == "*/*"                                     ? 1
                                                                                   : 0;
      if (specificity <= best) continue;
      best = specificity;
      is_acceptable = !is_weight_zero(parameters);
    }
  }
  return is_present ? is_acceptable : true;
}

}  // namespace

std::string_view media_type(Encoding encoding) {
  return encoding == Encoding::Json ? "application/json" : "application/x-protobuf";
}

std::optional<Encoding> encoding_of(std::string_view content_type) {
  for (const Encoding encoding : {Encoding::Json, Encoding::Protobuf}) {
    if (content_type == media_type(encoding)) return encoding;
  }
  return std::nullopt;
}

std::optional<Encoding> choose_encoding(const http::Headers& headers) {
  for (const Encoding encoding : {Encoding::Json, Encoding::Protobuf}) {
    if (accepts(headers, media_type(encoding))) return encoding;
  }
  return std::nullopt;
}

std::string encode_event(const google::protobuf::Message& event, Encoding encoding) {
  return api::encode_record(encoding == Encoding::Json ? api::format_json(event) : event.SerializePartialAsString());
}

}  // namespace tepui::master
