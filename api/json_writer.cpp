// format_json: see json.hpp.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>

#include "api/base64.hpp"
#include "api/json.hpp"
#include "api/json_text.hpp"

namespace tepui::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Writer {
 public:
  void write_message(const Message& message) {
    out_ += '{';
    bool is_first = true;
    const Reflection& reflection = *message.GetReflection();
    const auto& descriptor = *message.GetDescriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor& field = *descriptor.field(i);
      if (!is_written(message, reflection, field)) continue;
      if (!is_first) out_ += ',';
      is_first = false;
      write_text(field.name());
      out_ += ':';
      write_field(message, reflection, field);
    }
    out_ += '}';
  }

  std::string take() { return std::move(out_); }

 private:
  static bool is_written(const Message& message, const Reflection& reflection, const FieldDescriptor& field) {
    if (field.is_repeated()) return reflection.FieldSize(message, &field) > 0;
    return reflection.HasField(message, &field) || (field.has_default_value() && !field.options().deprecated());
  }

  void write_field(const Message& message, const Reflection& reflection, const FieldDescriptor& field) {
    if (field.is_map()) return write_map(message, reflection, field);
    if (!field.is_repeated()) return write_value(message, reflection, field, -1);
    out_ += '[';
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      if (i > 0) out_ += ',';
      write_value(message, reflection, field, i);
    }
    out_ += ']';
  }

  void write_map(const Message& message, const Reflection& reflection, const FieldDescriptor& field) {
    // Sorted by key, so that the same message is always the same text: hash maps have no order of their own.
    std::vector<const Message*> entries;
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      entries.push_back(&reflection.GetRepeatedMessage(message, &field, i));
    }
    const FieldDescriptor& key = *field.message_type()->map_key();
    std::sort(entries.begin(), entries.end(),
              [&](const Message* a, const Message* b) { return key_text(*a, key) < key_text(*b, key); });
    out_ += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) out_ += ',';
      write_text(key_text(*entries[i], key));
      out_ += ':';
      write_value(*entries[i], *entries[i]->GetReflection(), *field.message_type()->map_value(), -1);
    }
    out_ += '}';
  }

  static std::string key_text(const Message& entry, const FieldDescriptor& key) {
    const Reflection& reflection = *entry.GetReflection();
    switch (key.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: return reflection.GetString(entry, &key);
      case FieldDescriptor::CPPTYPE_INT32: return std::to_string(reflection.GetInt32(entry, &key));
      case FieldDescriptor::CPPTYPE_INT64: return std::to_string(reflection.GetInt64(entry, &key));
      case FieldDescriptor::CPPTYPE_UINT32: return std::to_string(reflection.GetUInt32(entry, &key));
      case FieldDescriptor::CPPTYPE_UINT64: return std::to_string(reflection.GetUInt64(entry, &key));
      case FieldDescriptor::CPPTYPE_BOOL: return reflection.GetBool(entry, &key) ? "true" : "false";
      default: return {};  // protobuf allows no other key type
    }
  }

  // One getter pair per type: index -1 is the singular field.
#define TEPUI_READ(Type) \
  (index < 0 ? reflection.Get##Type(message, &field) : reflection.GetRepeated##Type(message, &field, index))
  void write_value(const Message& message, const Reflection& reflection, const FieldDescriptor& field, int index) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: return write_number(TEPUI_READ(Int32));
      case FieldDescriptor::CPPTYPE_INT64: return write_number(TEPUI_READ(Int64));
      case FieldDescriptor::CPPTYPE_UINT32: return write_number(TEPUI_READ(UInt32));
      case FieldDescriptor::CPPTYPE_UINT64: return write_number(TEPUI_READ(UInt64));
      case FieldDescriptor::CPPTYPE_DOUBLE: return write_double(TEPUI_READ(Double));
      case FieldDescriptor::CPPTYPE_FLOAT: return write_float(TEPUI_READ(Float));
      case FieldDescriptor::CPPTYPE_BOOL: out_ += TEPUI_READ(Bool) ? "true" : "false"; return;
      case FieldDescriptor::CPPTYPE_ENUM: return write_text(TEPUI_READ(Enum)->name());
      case FieldDescriptor::CPPTYPE_MESSAGE: return write_message(TEPUI_READ(Message));
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string value = TEPUI_READ(String);
        return write_text(field.type() == FieldDescriptor::TYPE_BYTES ? encode_base64(value) : value);
      }
    }
  }
#undef TEPUI_READ

  template <class T>
  void write_number(T value) {
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }

  /// A float's own shortest digits: 0.1f is 0.1, not 0.10000000149011612.
  void write_float(float value) { write_double(std::isfinite(value) ? std::stod(fmt::format("{}", value)) : double{value}); }
  void write_double(double value) { append_json_number(out_, value); }
  void write_text(const std::string& text) { append_json_text(out_, text); }

  std::string out_;
};

}  // namespace

std::string format_json(const Message& message) {
  Writer writer;
  writer.write_message(message);
  return writer.take();
}

}  // namespace tepui::api
