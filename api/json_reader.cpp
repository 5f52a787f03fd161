// parse_json: see json.hpp. Fields are set while the text is parsed; no tree of it is ever made, so memory follows the
// message and not the text. Boost.JSON's SAX parser does grammar, UTF-8 and depth; numbers are converted here, from their
// digits (Boost 1.81's own conversion to double is not exact).
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>

#include "api/json.hpp"
#include "api/json_scalar.hpp"
#include "lib/base/try.hpp"

namespace tepui::api {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using json::error_code;
using json::string_view;

/// One open bracket.
struct Frame {
  enum class Kind { Message, List, Map, Skipped };
  Kind kind = Kind::Skipped;
  Message* message = nullptr;              // whose field it is; for Kind::Message, whose fields its members are
  const FieldDescriptor* field = nullptr;  // of the list or map; for Kind::Message, of the member at hand, nullptr if unknown
  std::size_t index = 0;                   // of a list's element at hand, counted from 1
  std::string key;                         // of a map's entry at hand
};

/// Where the value at hand goes; no message: it is skipped.
struct Slot {
  Message* message = nullptr;
  const FieldDescriptor* field = nullptr;
};

/// The handler of Boost.JSON's basic_parser; the names of its members are Boost's.
class Handler {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  explicit Handler(Message& root) : root_(root) {}
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code& code) {
    if (frames_.empty()) {
      frames_.push_back({Frame::Kind::Message, &root_, nullptr, 0, {}});
      return true;
    }
    const bool is_map_entry = frames_.back().kind == Frame::Kind::Map;
    const Slot slot = next_slot();
    if (slot.message == nullptr) return open_skipped();
    const FieldDescriptor& field = *slot.field;
    if (field.is_map() && !is_map_entry) {
      frames_.push_back({Frame::Kind::Map, slot.message, &field, 0, {}});
      return true;
    }
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return refuse(wanted_by(field), "an object", code);
    Message* child = field.is_repeated() ? slot.message->GetReflection()->AddMessage(slot.message, &field)
                                         : slot.message->GetReflection()->MutableMessage(slot.message, &field);
    frames_.push_back({Frame::Kind::Message, child, nullptr, 0, {}});
    return true;
  }

  bool on_array_begin(error_code& code) {
    if (frames_.empty()) return refuse("an object", "a list", code);
    const bool is_inside_list = frames_.back().kind == Frame::Kind::List;
    const Slot slot = next_slot();
    if (slot.message == nullptr) return open_skipped();
    if (is_inside_list || slot.field->is_map() || !slot.field->is_repeated()) {
      return refuse(wanted_by(*slot.field), "a list", code);
    }
    frames_.push_back({Frame::Kind::List, slot.message, slot.field, 0, {}});
    return true;
  }

  bool on_object_end(std::size_t, error_code&) { return close(); }
  bool on_array_end(std::size_t, error_code&) { return close(); }

  bool on_key_part(string_view part, std::size_t, error_code&) { return collect(part); }
  bool on_key(string_view part, std::size_t, error_code&) {
    collect(part);
    Frame& top = frames_.back();
    if (top.kind == Frame::Kind::Message) top.field = top.message->GetDescriptor()->FindFieldByName(text_);
    if (top.kind == Frame::Kind::Map) top.key = text_;
    text_.clear();
    return true;
  }

  bool on_string_part(string_view part, std::size_t, error_code&) { return collect(part); }
  bool on_string(string_view part, std::size_t, error_code& code) { return finish(JsonScalar::Kind::Text, part, code); }
  bool on_number_part(string_view part, error_code&) { return collect(part); }
  bool on_int64(std::int64_t, string_view part, error_code& code) { return finish(JsonScalar::Kind::Number, part, code); }
  bool on_uint64(std::uint64_t, string_view part, error_code& code) { return finish(JsonScalar::Kind::Number, part, code); }
  bool on_double(double, string_view part, error_code& code) { return finish(JsonScalar::Kind::Number, part, code); }
  bool on_bool(bool flag, error_code& code) { return finish(JsonScalar::Kind::Bool, flag ? "true" : "false", code); }
  bool on_null(error_code& code) {
    if (frames_.empty()) return refuse("an object", "null", code);
    if (frames_.back().kind == Frame::Kind::List) ++frames_.back().index;
    return true;  // unset
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool collect(string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool finish(JsonScalar::Kind kind, string_view part, error_code& code) {
    collect(part);
    const bool is_stored = store({kind, text_}, code);
    text_.clear();
    return is_stored;
  }

  bool store(const JsonScalar& value, error_code& code) {
    if (frames_.empty()) return refuse("an object", "a single value", code);
    const bool is_map_entry = frames_.back().kind == Frame::Kind::Map;
    const Slot slot = next_slot();
    if (slot.message == nullptr) return true;
    if (slot.field->is_map() && !is_map_entry) return refuse("an object", "a single value", code);
    const auto mismatch = store_scalar(value, *slot.message, *slot.field);
    return mismatch ? refuse(mismatch->want, mismatch->found, code) : true;
  }

  bool open_skipped() {
    frames_.emplace_back();
    return true;
  }

  bool close() {
    frames_.pop_back();
    return true;
  }

  Slot next_slot() {
    Frame& top = frames_.back();
    switch (top.kind) {
      case Frame::Kind::Message: return top.field == nullptr ? Slot{} : Slot{top.message, top.field};
      case Frame::Kind::List: ++top.index; return {top.message, top.field};
      case Frame::Kind::Map: return new_map_entry(top);
      case Frame::Kind::Skipped: return {};
    }
    return {};
  }

  Slot new_map_entry(const Frame& map) {
    const google::protobuf::Descriptor& type = *map.field->message_type();
    Message* entry = map.message->GetReflection()->AddMessage(map.message, map.field);
    // A key that is no number where numbers are keys: the API has no such map, so the entry keeps a default key.
    static_cast<void>(store_scalar({JsonScalar::Kind::Text, map.key}, *entry, *type.map_key()));
    return {entry, type.map_value()};
  }

  bool refuse(std::string_view want, std::string_view found, error_code& code) {
    const std::string where = path();
    failure_ = Error(ErrorCode::InvalidArgument,
                     fmt::format("read field \"{}\": want {}, not {}", where.empty() ? "(top)" : where, want, found));
    code = json::error::syntax;
    return false;
  }

  /// "subscribe.framework_info.roles[0]"
  [[nodiscard]] std::string path() const {
    std::string text;
    for (const Frame& frame : frames_) {
      switch (frame.kind) {
        case Frame::Kind::Message:
          if (frame.field != nullptr) text += (text.empty() ? "" : ".") + frame.field->name();
          break;
        case Frame::Kind::List: text += fmt::format("[{}]", frame.index - std::min<std::size_t>(frame.index, 1)); break;
        case Frame::Kind::Map: text += fmt::format("[\"{}\"]", frame.key); break;
        case Frame::Kind::Skipped: break;
      }
    }
    return text;
  }

  Message& root_;
  std::vector<Frame> frames_;
  std::string text_;
  std::optional<Error> failure_;
};

Result<void> check_required(const Message& message) {
  if (message.IsInitialized()) return ok();
  std::vector<std::string> missing;
  message.FindInitializationErrors(&missing);
  return Error(ErrorCode::InvalidArgument,
               fmt::format("read {}: required field \"{}\" is missing", message.GetDescriptor()->name(), missing.front()));
}

/// Says where the text stops being JSON: the parser itself tells only how many bytes it took.
Error malformed_json(std::string_view text, std::size_t offset, const error_code& failure) {
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  return Error(ErrorCode::InvalidArgument,
               fmt::format("parse JSON: {} at line {}, byte {}", failure.message(), line, offset));
}

}  // namespace

Result<void> parse_json(std::string_view text, Message& message) {
  message.Clear();
  json::parse_options options;
  options.max_depth = kMaximumDepth;
  json::basic_parser<Handler> parser(options, message);
  error_code failure;
  const std::size_t taken = parser.write_some(false, text.data(), text.size(), failure);
  if (parser.handler().failure()) return *parser.handler().failure();
  if (!failure && text.find_first_not_of(" \t\r\n", taken) != std::string_view::npos) failure = json::error::extra_data;
  if (failure) return malformed_json(text, taken, failure);
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
