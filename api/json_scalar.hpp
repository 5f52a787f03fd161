// A JSON value that is neither object nor list, and how one becomes a field of a message. Private to the reader.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace tepui::api {

struct JsonScalar {
  enum class Kind { Bool, Number, Text };
  Kind kind = Kind::Text;
  /// "true", "false", a number's own digits, or the text without quotes: numbers are converted once, exactly.
  std::string_view text;
};

/// Why a value is none of its field: "a 64-bit integer" was wanted, `"x"` found.
struct Mismatch {
  std::string want;
  std::string found;
};

/// Sets the field, or appends to a repeated one; no value: done.
std::optional<Mismatch> store_scalar(const JsonScalar& value, google::protobuf::Message& message,
                                     const google::protobuf::FieldDescriptor& field);

/// What a field takes: "a 64-bit integer", "an object", "text"…
std::string wanted_by(const google::protobuf::FieldDescriptor& field);

}  // namespace tepui::api
