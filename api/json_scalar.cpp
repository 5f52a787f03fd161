#include "api/json_scalar.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "api/base64.hpp"
#include "lib/base/result.hpp"

namespace tepui::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string shown(const JsonScalar& value) {
  constexpr std::size_t kShownBytes = 64;
  std::string text(value.text.substr(0, kShownBytes));
  if (text.size() < value.text.size()) text += "...";
  return value.kind == JsonScalar::Kind::Text ? fmt::format("\"{}\"", text) : text;
}

template <class T>
std::optional<T> number_from(std::string_view text) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// A whole number that fits T; "3.0" and "3e2" are whole.
template <class T>
std::optional<T> integer_from(const JsonScalar& value) {
  if (value.kind == JsonScalar::Kind::Bool) return std::nullopt;
  if (const auto number = number_from<T>(value.text)) return number;
  const auto real = number_from<double>(value.text);
  // The upper limit itself may round up to a double that no longer fits: hence strictly below 2^digits.
  const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
  if (!real || std::trunc(*real) != *real || *real >= limit) return std::nullopt;
  if (*real < (std::is_signed_v<T> ? -limit : 0.0)) return std::nullopt;
  // Digits that a double cannot hold are an integer out of range, not a near one.
  if (value.text.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  return static_cast<T>(*real);
}

std::optional<double> double_from(const JsonScalar& value) {
  if (value.kind == JsonScalar::Kind::Bool) return std::nullopt;
  if (value.kind == JsonScalar::Kind::Text && value.text == "Infinity") return std::numeric_limits<double>::infinity();
  if (value.kind == JsonScalar::Kind::Text && value.text == "-Infinity") return -std::numeric_limits<double>::infinity();
  const auto number = number_from<double>(value.text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<bool> bool_from(const JsonScalar& value) {
  if (value.text == "true" || value.text == "1") return true;
  if (value.text == "false" || value.text == "0") return false;
  return std::nullopt;
}

#define TEPUI_STORE(Type, stored) \
  (field.is_repeated() ? reflection.Add##Type(&message, &field, stored) : reflection.Set##Type(&message, &field, stored))

std::optional<Mismatch> store_text(const JsonScalar& value, Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  std::string text(value.text);
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    auto bytes = value.kind == JsonScalar::Kind::Text ? decode_base64(text) : Result<std::string>(Error());
    if (!bytes) return Mismatch{wanted_by(field), shown(value)};
    text = std::move(*bytes);
  }
  TEPUI_STORE(String, text);
  return std::nullopt;
}

std::optional<Mismatch> store_enum(const JsonScalar& value, Message& message, const FieldDescriptor& field) {
  if (value.kind != JsonScalar::Kind::Text) return Mismatch{wanted_by(field), shown(value)};
  const auto* number = field.enum_type()->FindValueByName(std::string(value.text));
  if (number == nullptr) {
    // A name of a later API version: optional fields stay unset, so that old servers serve new clients.
    if (!field.is_required()) return std::nullopt;
    return Mismatch{fmt::format("a name of {}", field.enum_type()->name()), shown(value)};
  }
  const Reflection& reflection = *message.GetReflection();
  TEPUI_STORE(Enum, number);
  return std::nullopt;
}

}  // namespace

std::string wanted_by(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: return "a 32-bit integer";
    case FieldDescriptor::CPPTYPE_INT64: return "a 64-bit integer";
    case FieldDescriptor::CPPTYPE_UINT32: return "an unsigned 32-bit integer";
    case FieldDescriptor::CPPTYPE_UINT64: return "an unsigned 64-bit integer";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: return "a number";
    case FieldDescriptor::CPPTYPE_BOOL: return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM: return "an enum's name";
    case FieldDescriptor::CPPTYPE_STRING: return field.type() == FieldDescriptor::TYPE_BYTES ? "base64 text" : "text";
    case FieldDescriptor::CPPTYPE_MESSAGE: return "an object";
  }
  return "another value";
}

std::optional<Mismatch> store_scalar(const JsonScalar& value, Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
#define TEPUI_CONVERT(Type, converted)                                       \
  {                                                                          \
    const auto number = (converted);                                         \
    if (!number) return Mismatch{wanted_by(field), shown(value)};   \
    TEPUI_STORE(Type, *number);                                              \
    return std::nullopt;                                                             \
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: TEPUI_CONVERT(Int32, integer_from<std::int32_t>(value))
    case FieldDescriptor::CPPTYPE_INT64: TEPUI_CONVERT(Int64, integer_from<std::int64_t>(value))
    case FieldDescriptor::CPPTYPE_UINT32: TEPUI_CONVERT(UInt32, integer_from<std::uint32_t>(value))
    case FieldDescriptor::CPPTYPE_UINT64: TEPUI_CONVERT(UInt64, integer_from<std::uint64_t>(value))
    case FieldDescriptor::CPPTYPE_DOUBLE: TEPUI_CONVERT(Double, double_from(value))
    case FieldDescriptor::CPPTYPE_BOOL: TEPUI_CONVERT(Bool, bool_from(value))
    case FieldDescriptor::CPPTYPE_FLOAT: {
      const auto number = double_from(value);
      if (!number) return Mismatch{wanted_by(field), shown(value)};
      TEPUI_STORE(Float, static_cast<float>(*number));
      return std::nullopt;
    }
    case FieldDescriptor::CPPTYPE_STRING: return store_text(value, message, field);
    case FieldDescriptor::CPPTYPE_ENUM: return store_enum(value, message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE: return Mismatch{wanted_by(field), shown(value)};
  }
#undef TEPUI_CONVERT
  return std::nullopt;
}
#undef TEPUI_STORE

}  // namespace tepui::api
