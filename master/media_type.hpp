// The two encodings of every call and event, and how a request chooses: Content-Type says what came, Accept what may go.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/http/headers.hpp"

namespace google::protobuf {
class Message;
}

namespace tepui::master {

enum class Encoding { Json, Protobuf };

/// "application/json" or "application/x-protobuf".
std::string_view media_type(Encoding encoding);

/// Exact and case-sensitive, as Mesos has it: "application/json; charset=utf-8" is neither.
std::optional<Encoding> encoding_of(std::string_view content_type);

/// JSON wherever it is acceptable at all (no Accept, "*/*", "application/*"), else protobuf; no value: neither is.
/// Only q=0 of all weights counts. Source: mesos.md §1.1, check 8.
std::optional<Encoding> choose_encoding(const http::Headers& headers);

/// The message as one RecordIO record.
std::string encode_event(const google::protobuf::Message& event, Encoding encoding);

}  // namespace tepui::master
