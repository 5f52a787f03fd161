// RawHttp: a blocking HTTP/1.1 client of a few lines for the cluster tests, written apart from lib/http so that both
// ends of the wire do not share one misunderstanding. It can also send bytes that are no HTTP at all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/unique_fd.hpp"
#include "tests/cluster/eventually.hpp"

namespace tepui::cluster {

struct HttpReply {
  int status = 0;                              // 0: the connection ended before a whole head came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

/// One TCP connection to 127.0.0.1.
class RawConnection {
 public:
  RawConnection() = default;
  /// "127.0.0.1:5050" or "http://127.0.0.1:5050". Not connected afterwards if nobody listens: see is_open().
  explicit RawConnection(std::string_view address);

  [[nodiscard]] bool is_open() const { return static_cast<bool>(fd_); }
  void close() { fd_.reset(); }
  bool send(std::string_view bytes, Deadline deadline);
  /// More bytes into the buffer; false at the deadline, the end or an error (then it is closed).
  bool receive(Deadline deadline);
  /// Head of a reply (status 0 if there is none).
  HttpReply read_head(Deadline deadline);
  /// The body that `head` announces: by length, chunked, or until the end.
  void read_body(HttpReply& head, Deadline deadline);
  /// One chunk of a chunked body; none at the deadline, at the last chunk or at the end.
  std::optional<std::string> read_chunk(Deadline deadline);
  [[nodiscard]] std::string& buffer() { return buffer_; }
  /// Whether the peer has ended the connection before the deadline.
  bool is_closed_by_peer(Deadline deadline);

 private:
  UniqueFd fd_;
  std::string buffer_;
};

std::string format_request(std::string_view method, std::string_view path, std::string_view host,
                           const std::map<std::string, std::string>& headers, std::string_view body);

/// One request on a connection of its own.
HttpReply http_request(std::string_view address, std::string_view method, std::string_view path,
                       std::string_view body = {}, std::map<std::string, std::string> headers = {});

}  // namespace tepui::cluster
