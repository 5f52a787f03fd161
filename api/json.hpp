// The v1 API's JSON mapping, by protobuf reflection. protobuf's own JSON is another dialect (camelCase, 64-bit integers as
// strings, no defaults) and real clients break on it.
// Source: Mesos 3rdparty/stout/include/stout/protobuf.hpp, src/common/http.cpp (behaviour); style of names: the .proto's.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace google::protobuf {
class Message;
}

namespace tepui::api {

/// Nesting beyond this is refused, in JSON and in protobuf alike.
inline constexpr int kMaximumDepth = 64;

/// One line of JSON without a newline. Field names as in the .proto; enums by name; 64-bit integers as numbers; bytes as
/// base64; maps as objects; doubles shortest for an exact round trip, the infinities as strings. Unset optional fields with a
/// declared default are written with it unless they are deprecated; other unset fields and empty lists are left out.
std::string format_json(const google::protobuf::Message& message);

/// Fills `message`, which is cleared first. Lenient as the API's clients need it: unknown fields are ignored, null is unset,
/// numbers and booleans may be strings, a scalar stands for a list of one, an unknown enum name is dropped where the field
/// is optional or repeated.
/// Errors: InvalidArgument, with the offset in the text (no JSON), or the path of the field ("framework_info.user").
Result<void> parse_json(std::string_view text, google::protobuf::Message& message);

/// The protobuf encoding of a call, with the same limits. Errors: InvalidArgument, naming missing required fields.
Result<void> parse_protobuf(std::string_view bytes, google::protobuf::Message& message);

}  // namespace tepui::api
