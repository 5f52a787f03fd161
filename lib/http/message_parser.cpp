// The only file that includes Boost.Beast.
#include "lib/http/message_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/system/errc.hpp>

namespace tepui::http {

namespace {

namespace beast = boost::beast;
using ErrorCodeOut = beast::error_code&;

/// What both kinds of parser collect.
struct Collected {
  int status = 0;
  std::string method;
  std::string target;
  Headers headers;
  std::string body;
  bool has_head = false;
};

template <bool is_request>
class Sink final : public beast::http::basic_parser<is_request> {
 public:
  explicit Sink(Collected& out) : out_(out) {}

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int,
                       ErrorCodeOut) override {
    out_.method.assign(method.data(), method.size());
    out_.target.assign(target.data(), target.size());
  }
  void on_response_impl(int status, beast::string_view, int, ErrorCodeOut) override { out_.status = status; }
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, ErrorCodeOut code) override {
    if (out_.has_head) {  // a trailer
      if (is_request) code = make_error_code(boost::system::errc::not_supported);
      return;
    }
    out_.headers.add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  void on_header_impl(ErrorCodeOut) override { out_.has_head = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCodeOut) override {}
  std::size_t on_body_impl(beast::string_view bytes, ErrorCodeOut) override {
    out_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view extensions, ErrorCodeOut code) override {
    if (is_request && !extensions.empty()) code = make_error_code(boost::system::errc::not_supported);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, ErrorCodeOut) override {
    out_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(ErrorCodeOut) override {}

  Collected& out_;
};

Error error_of_beast(const beast::error_code& code) {
  if (code == beast::http::error::body_limit || code == beast::http::error::header_limit) {
    return Error(ErrorCode::ResourceExhausted, "read HTTP message: " + code.message());
  }
  if (code == boost::system::errc::not_supported) {
    return Error(ErrorCode::InvalidArgument, "read HTTP message: chunk extensions or trailers");
  }
  return Error(ErrorCode::DataLoss, "read HTTP message: " + code.message());
}

template <class Parser>
Result<std::size_t> feed(Parser& parser, std::string& waiting, std::string_view bytes) {
  const std::size_t before = waiting.size();
  waiting.append(bytes);
  std::size_t used = 0;
  while (used < waiting.size() && !parser.is_done()) {
    beast::error_code code;
    const std::size_t taken = parser.put(boost::asio::buffer(waiting.data() + used, waiting.size() - used), code);
    used += taken;
    if (code == beast::http::error::need_more) break;
    if (code) return error_of_beast(code);
    if (taken == 0) break;
  }
  if (parser.is_done()) {
    waiting.clear();
    return used - before;
  }
  waiting.erase(0, used);
  return bytes.size();
}

}  // namespace

struct MessageParser::Impl {
  Impl(Kind k, const Limits& limits) : kind(k), request(collected), reply(collected) {
    set_up(request, limits);
    set_up(reply, limits);
  }
  template <class Parser>
  static void set_up(Parser& parser, const Limits& limits) {
    parser.eager(true);
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    if (limits.body_bytes) {
      parser.body_limit(*limits.body_bytes);
    } else {
      parser.body_limit(boost::none);
    }
  }
  Kind kind;
  Collected collected;
  Sink<true> request;
  Sink<false> reply;
  std::string waiting;
  bool is_failed = false;
};

MessageParser::MessageParser(Kind kind, Limits limits) : impl_(std::make_unique<Impl>(kind, limits)) {}
MessageParser::MessageParser(MessageParser&&) noexcept = default;
MessageParser& MessageParser::operator=(MessageParser&&) noexcept = default;
MessageParser::~MessageParser() = default;

Result<std::size_t> MessageParser::put(std::string_view bytes) {
  if (impl_->is_failed) return Error(ErrorCode::DataLoss, "read HTTP message: it failed before");
  auto used = impl_->kind == Kind::Request ? feed(impl_->request, impl_->waiting, bytes)
                                           : feed(impl_->reply, impl_->waiting, bytes);
  if (!used) impl_->is_failed = true;
  return used;
}

Result<void> MessageParser::put_end() {
  if (is_done()) return ok();
  beast::error_code code;
  if (!has_head()) {
    code = beast::http::error::partial_message;  // put_eof() asserts that something came
  } else if (impl_->kind == Kind::Request) {
    impl_->request.put_eof(code);
  } else {
    impl_->reply.put_eof(code);
  }
  if (code) {
    return Error(ErrorCode::Unavailable, "read HTTP message: the other side closed the connection in the middle of it");
  }
  return ok();
}

void MessageParser::expect_no_body() { impl_->reply.skip(true); }

bool MessageParser::has_head() const { return impl_->collected.has_head; }
bool MessageParser::is_done() const {
  return impl_->kind == Kind::Request ? impl_->request.is_done() : impl_->reply.is_done();
}
int MessageParser::status() const { return impl_->collected.status; }
const std::string& MessageParser::method() const { return impl_->collected.method; }
const std::string& MessageParser::target() const { return impl_->collected.target; }
const Headers& MessageParser::headers() const { return impl_->collected.headers; }
bool MessageParser::keeps_alive() const {
  return impl_->kind == Kind::Request ? impl_->request.keep_alive() : impl_->reply.keep_alive();
}
bool MessageParser::is_chunked() const {
  return impl_->kind == Kind::Request ? impl_->request.chunked() : impl_->reply.chunked();
}
std::optional<std::uint64_t> MessageParser::content_length() const {
  const auto length = impl_->kind == Kind::Request ? impl_->request.content_length() : impl_->reply.content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}
const std::string& MessageParser::body() const { return impl_->collected.body; }
std::string MessageParser::take_body() { return std::exchange(impl_->collected.body, {}); }

}  // namespace tepui::http
