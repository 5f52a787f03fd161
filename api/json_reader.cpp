// parse_json and parse_protobuf: see json.hpp.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/json/stream_parser.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>

#include "api/base64.hpp"
#include "api/json.hpp"
#include "lib/base/try.hpp"

namespace tepui::api {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

Error wrong_field(const std::string& path, std::string_view want, const json::value& value) {
  std::string shown = json::serialize(value);
  if (shown.size() > 64) shown = shown.substr(0, 61) + "...";
  return Error(ErrorCode::InvalidArgument, fmt::format("read field \"{}\": want {}, not {}", path, want, shown));
}

template <class T>
std::optional<T> number_from_text(std::string_view text) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// A whole number that fits T, from a JSON number or the text of one.
template <class T>
std::optional<T> integer_from(const json::value& value) {
  if (value.is_string()) {
    const json::string& text = value.get_string();
    if (auto number = number_from_text<T>(std::string_view(text))) return number;
    const auto real = number_from_text<double>(std::string_view(text));
    return real ? integer_from<T>(json::value(*real)) : std::nullopt;
  }
  if (value.is_int64() && std::in_range<T>(value.get_int64())) return static_cast<T>(value.get_int64());
  if (value.is_uint64() && std::in_range<T>(value.get_uint64())) return static_cast<T>(value.get_uint64());
  if (value.is_double()) {
    const double real = value.get_double();
    // The upper limit itself may round up to a double that no longer fits: hence strictly below 2^digits.
    const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (std::trunc(real) == real && real < limit && real >= (std::is_signed_v<T> ? -limit : 0.0)) return static_cast<T>(real);
  }
  return std::nullopt;
}

std::optional<double> double_from(const json::value& value) {
  if (value.is_number()) return value.to_number<double>();
  if (!value.is_string()) return std::nullopt;
  const std::string_view text(value.get_string());
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  const auto number = number_from_text<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<bool> bool_from(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_string()) {
    const std::string_view text(value.get_string());
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
  }
  if (value.is_int64() && (value.get_int64() == 0 || value.get_int64() == 1)) return value.get_int64() == 1;
  return std::nullopt;
}

class Reader {
 public:
  Result<void> read_message(const json::value& value, Message& message, const std::string& path) {
    if (!value.is_object()) return wrong_field(path.empty() ? "(top)" : path, "an object", value);
    for (const auto& [key, member] : value.get_object()) {
      const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(key));
      if (field == nullptr || member.is_null()) continue;
      const std::string member_path = path.empty() ? field->name() : path + "." + field->name();
      TEPUI_TRY(read_field(member, message, *field, member_path));
    }
    return ok();
  }

 private:
  Result<void> read_field(const json::value& value, Message& message, const FieldDescriptor& field,
                          const std::string& path) {
    if (field.is_map()) return read_map(value, message, field, path);
    if (!field.is_repeated() || !value.is_array()) return read_value(value, message, field, path);
    std::size_t index = 0;
    for (const json::value& element : value.get_array()) {
      TEPUI_TRY(read_value(element, message, field, fmt::format("{}[{}]", path, index++)));
    }
    return ok();
  }

  Result<void> read_map(const json::value& value, Message& message, const FieldDescriptor& field,
                        const std::string& path) {
    if (!value.is_object()) return wrong_field(path, "an object", value);
    const FieldDescriptor& key_field = *field.message_type()->map_key();
    const FieldDescriptor& value_field = *field.message_type()->map_value();
    for (const auto& [key, member] : value.get_object()) {
      if (member.is_null()) continue;
      const std::string member_path = fmt::format("{}[\"{}\"]", path, std::string_view(key));
      Message& entry = *message.GetReflection()->AddMessage(&message, &field);
      TEPUI_TRY(read_value(json::value(json::string(key)), entry, key_field, member_path));
      TEPUI_TRY(read_value(member, entry, value_field, member_path));
    }
    return ok();
  }

  Result<void> read_value(const json::value& value, Message& message, const FieldDescriptor& field,
                          const std::string& path) {
    const Reflection& reflection = *message.GetReflection();
#define TEPUI_STORE(Type, stored) \
  (field.is_repeated() ? reflection.Add##Type(&message, &field, stored) : reflection.Set##Type(&message, &field, stored))
#define TEPUI_READ(Type, parsed, want)                 \
  {                                                    \
    const auto read = (parsed);                        \
    if (!read) return wrong_field(path, want, value);  \
    TEPUI_STORE(Type, *read);                          \
    return ok();                                       \
  }
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        TEPUI_READ(Int32, integer_from<std::int32_t>(value), "a 32-bit integer")
      case FieldDescriptor::CPPTYPE_INT64:
        TEPUI_READ(Int64, integer_from<std::int64_t>(value), "a 64-bit integer")
      case FieldDescriptor::CPPTYPE_UINT32:
        TEPUI_READ(UInt32, integer_from<std::uint32_t>(value), "an unsigned 32-bit integer")
      case FieldDescriptor::CPPTYPE_UINT64:
        TEPUI_READ(UInt64, integer_from<std::uint64_t>(value), "an unsigned 64-bit integer")
      case FieldDescriptor::CPPTYPE_DOUBLE: TEPUI_READ(Double, double_from(value), "a number")
      case FieldDescriptor::CPPTYPE_FLOAT: {
        const auto read = double_from(value);
        if (!read) return wrong_field(path, "a number", value);
        TEPUI_STORE(Float, static_cast<float>(*read));
        return ok();
      }
      case FieldDescriptor::CPPTYPE_BOOL: TEPUI_READ(Bool, bool_from(value), "true or false")
      case FieldDescriptor::CPPTYPE_STRING: return read_text(value, message, field, path);
      case FieldDescriptor::CPPTYPE_ENUM: return read_enum(value, message, field, path);
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        Message& child = *(field.is_repeated() ? reflection.AddMessage(&message, &field)
                                               : reflection.MutableMessage(&message, &field));
        return read_message(value, child, path);
      }
    }
    return ok();
  }

  static Result<void> read_text(const json::value& value, Message& message, const FieldDescriptor& field,
                                const std::string& path) {
    const Reflection& reflection = *message.GetReflection();
    const bool is_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
    std::string text;
    if (value.is_string()) {
      text = std::string(std::string_view(value.get_string()));
    } else if (!is_bytes && (value.is_number() || value.is_bool())) {
      text = json::serialize(value);
    } else {
      return wrong_field(path, is_bytes ? "base64 text" : "text", value);
    }
    if (is_bytes) {
      TEPUI_ASSIGN(text, decode_base64(text), fmt::format("read field \"{}\"", path));
    }
    TEPUI_STORE(String, text);
    return ok();
  }

  static Result<void> read_enum(const json::value& value, Message& message, const FieldDescriptor& field,
                                const std::string& path) {
    if (!value.is_string()) return wrong_field(path, "an enum's name", value);
    const std::string name(std::string_view(value.get_string()));
    const auto* number = field.enum_type()->FindValueByName(name);
    if (number == nullptr) {
      // A name of a later API version: optional fields stay unset, so that old servers serve new clients.
      if (!field.is_required()) return ok();
      return wrong_field(path, fmt::format("a name of {}", field.enum_type()->name()), value);
    }
    const Reflection& reflection = *message.GetReflection();
    TEPUI_STORE(Enum, number);
    return ok();
  }
#undef TEPUI_READ
#undef TEPUI_STORE
};

Result<void> check_required(const Message& message) {
  if (message.IsInitialized()) return ok();
  std::vector<std::string> missing;
  message.FindInitializationErrors(&missing);
  return Error(ErrorCode::InvalidArgument,
               fmt::format("read {}: required field \"{}\" is missing", message.GetDescriptor()->name(), missing.front()));
}

/// Says where the text stops being JSON: the parser itself tells only how many bytes it took.
Error malformed_json(std::string_view text, std::size_t offset, const boost::system::error_code& failure) {
  std::size_t line = 1;
  for (const char character : text.substr(0, offset)) line += character == '\n' ? 1 : 0;
  return Error(ErrorCode::InvalidArgument,
               fmt::format("parse JSON: {} at line {}, byte {}", failure.message(), line, offset));
}

}  // namespace

Result<void> parse_json(std::string_view text, Message& message) {
  message.Clear();
  json::parse_options options;
  options.max_depth = kMaximumDepth;
  json::stream_parser parser({}, options);
  boost::system::error_code failure;
  const std::size_t taken = parser.write_some(text.data(), text.size(), failure);
  if (!failure && taken < text.size()) {
    const std::size_t rest = text.find_first_not_of(" \t\r\n", taken);
    if (rest != std::string_view::npos) failure = json::error::extra_data;
  }
  if (failure) return malformed_json(text, taken, failure);
  if (!parser.done()) {
    return malformed_json(text, text.size(), json::error::incomplete);
  }
  TEPUI_TRY(Reader().read_message(parser.release(), message, {}));
  return check_required(message);
}

Result<void> parse_protobuf(std::string_view bytes, Message& message) {
  message.Clear();
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read {}: {} bytes", message.GetDescriptor()->name(), bytes.size()));
  }
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  input.SetRecursionLimit(kMaximumDepth);
  if (!message.MergePartialFromCodedStream(&input) || !input.ConsumedEntireMessage()) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("read {}: {} bytes are no protobuf message of that type", message.GetDescriptor()->name(),
                             bytes.size()));
  }
  return check_required(message);
}

}  // namespace tepui::api
