// Response: what a handler returns; either a whole body or a stream of records.
#pragma once

#include <memory>
#include <string>

#include "lib/base/error.hpp"
#include "lib/http/headers.hpp"

namespace tepui::http {

class RecordStream;

/// Content-Length, Transfer-Encoding, Date and Connection are the server's; whatever `headers` says of them is dropped.
struct Response {
  int status = 200;
  /// Sent exactly as it is, without a charset (wire-quirk 2 of real clients). Empty: no Content-Type.
  std::string content_type;
  Headers headers;
  std::string body;
  /// When set, `body` is not sent: the connection belongs to the stream from here on (record_stream.hpp).
  std::shared_ptr<RecordStream> stream;

  static Response empty(int status);
  /// text/plain.
  static Response text(int status, std::string body);
  /// application/json, 200.
  static Response json(std::string body);
  static Response streaming(std::string content_type, std::shared_ptr<RecordStream> stream);
  /// The status of the error's code and its one line as text.
  static Response of_error(const Error& error);
};

/// "Not Found"; "Unknown" for what nobody registered.
const char* reason_phrase(int status);

}  // namespace tepui::http
