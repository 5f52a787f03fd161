// Request smuggling: each vector is sent with a poison request behind it on the same connection. The answer must be one
// refusal and a close, and the poison must never reach a handler. Source: reliability list H5, RFC 9112 11.2.
#include "tests/unit/http/live_server.hpp"

namespace tepui::http {
namespace {

struct Vector {
  const char* name;
  std::string bytes;
  int status = 400;
};

const std::string kHost = "Host: 127.0.0.1\r\n";
const std::string kPoison = "GET /poison HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

std::string post(const std::string& fields, const std::string& body) {
  return "POST /echo HTTP/1.1\r\n" + kHost + fields + "\r\n" + body;
}
std::string chunked(const std::string& body) { return post("Transfer-Encoding: chunked\r\n", body); }
std::string chunked_after(const std::string& field) { return post(field, "0\r\n\r\n"); }
std::string line(const std::string& text) { return text + "\r\n" + kHost + "\r\n"; }

std::vector<Vector> framing_vectors() {
  return {
      {"gzip_and_length", post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", "hello")},
      {"chunked_identity", chunked_after("Transfer-Encoding: chunked, identity\r\n")},
      {"identity_chunked", chunked_after("Transfer-Encoding: identity, chunked\r\n")},
      {"identity", chunked_after("Transfer-Encoding: identity\r\n")},
      {"gzip", chunked_after("Transfer-Encoding: gzip\r\n")},
      {"gzip_chunked", chunked_after("Transfer-Encoding: gzip, chunked\r\n")},
      {"chunked_twice", chunked_after("Transfer-Encoding: chunked, chunked\r\n")},
      {"chunked_parameter", chunked_after("Transfer-Encoding: chunked;q=1\r\n")},
      {"chunked_vertical_tab", chunked_after("Transfer-Encoding: \x0b" "chunked\r\n")},
      {"chunked_quoted", chunked_after("Transfer-Encoding: \"chunked\"\r\n")},
      {"xchunked", chunked_after("Transfer-Encoding: xchunked\r\n")},
      {"empty_coding", chunked_after("Transfer-Encoding:\r\n")},
      {"comma_coding", chunked_after("Transfer-Encoding: chunked,\r\n")},
      {"two_codings", chunked_after("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"two_codings_case", chunked_after("Transfer-Encoding: chunked\r\ntransfer-encoding: identity\r\n")},
      {"folded_coding", chunked_after("Transfer-Encoding:\r\n chunked\r\n")},
      {"folded_coding_tab", chunked_after("Transfer-Encoding:\r\n\tchunked\r\n")},
      {"coding_then_length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
      {"length_then_coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
      {"blank_before_colon", chunked_after("Transfer-Encoding : chunked\r\n")},
      {"tab_before_colon", chunked_after("Transfer-Encoding\t: chunked\r\n")},
      {"blank_before_name", chunked_after(" Transfer-Encoding: chunked\r\n")},
      {"nul_in_name", chunked_after(std::string("Transfer-Encoding\0: chunked\r\n", 29))},
      {"nul_in_value", chunked_after(std::string("X: a\0b\r\n", 8))},
      {"length_list", post("Content-Length: 5, 5\r\n", "hello")},
      {"length_list_other", post("Content-Length: 5, 6\r\n", "hello")},
      {"length_twice", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")},
      {"length_twice_other", post("Content-Length: 0\r\nContent-Length: 5\r\n", "hello")},
      {"length_plus", post("Content-Length: +5\r\n", "hello")},
      {"length_minus", post("Content-Length: -1\r\n", "hello")},
      {"length_hex", post("Content-Length: 0x5\r\n", "hello")},
      {"length_leading_zero", post("Content-Length: 05\r\n", "hello")},
      {"length_blank_inside", post("Content-Length: 5 5\r\n", "hello")},
      {"length_empty", post("Content-Length:\r\n", "hello")},
      {"length_2_64", post("Content-Length: 18446744073709551616\r\n", "hello")},
      {"length_2_64_plus_5", post("Content-Length: 18446744073709551621\r\n", "hello")},
      {"length_fraction", post("Content-Length: 5.0\r\n", "hello")},
      {"length_folded", post("Content-Length:\r\n 5\r\n", "hello")},
      {"old_chunked", "POST /echo HTTP/1.0\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"trailer_announced", post("Transfer-Encoding: chunked\r\nTrailer: X\r\n", "0\r\n\r\n")},
  };
}

std::vector<Vector> chunk_vectors() {
  return {
      {"chunk_trailer", chunked("5\r\nhello\r\n0\r\nX: y\r\n\r\n")},
      {"chunk_trailer_length", chunked("0\r\nContent-Length: 44\r\n\r\n")},
      {"chunk_extension", chunked("5;a=b\r\nhello\r\n0\r\n\r\n")},
      {"chunk_extension_bare_feed", chunked("5;a\nhello\r\n0\r\n\r\n")},
      {"chunk_bare_feed", chunked("5\nhello\n0\n\n")},
      {"chunk_plus", chunked("+5\r\nhello\r\n0\r\n\r\n")},
      {"chunk_minus", chunked("-5\r\nhello\r\n0\r\n\r\n")},
      {"chunk_hex_prefix", chunked("0x5\r\nhello\r\n0\r\n\r\n")},
      {"chunk_blank_before", chunked(" 5\r\nhello\r\n0\r\n\r\n")},
      {"chunk_blank_behind", chunked("5 \r\nhello\r\n0\r\n\r\n")},
      {"chunk_overflow", chunked("10000000000000005\r\nhello\r\n0\r\n\r\n")},
      {"chunk_no_size", chunked("\r\nhello\r\n0\r\n\r\n")},
      {"chunk_longer_than_said", chunked("4\r\nhello\r\n0\r\n\r\n")},
      {"chunk_shorter_than_said", chunked("6\r\nhello\r\n0\r\n\r\n")},
      {"chunk_end_without_blank_line", chunked("0\r\nGET /x")},
      {"chunk_nul_size", chunked(std::string("5\0\r\nhello\r\n0\r\n\r\n", 16))},
  };
}

std::vector<Vector> line_vectors() {
  return {
      {"no_host", "GET /hello HTTP/1.1\r\n\r\n"},
      {"two_hosts", "GET /hello HTTP/1.1\r\n" + kHost + "Host: localhost\r\n\r\n"},
      {"two_equal_hosts", "GET /hello HTTP/1.1\r\n" + kHost + kHost + "\r\n"},
      {"empty_host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n"},
      {"host_list", "GET /hello HTTP/1.1\r\nHost: 127.0.0.1, localhost\r\n\r\n"},
      {"host_with_path", "GET /hello HTTP/1.1\r\nHost: 127.0.0.1/x\r\n\r\n"},
      {"host_with_user", "GET /hello HTTP/1.1\r\nHost: a@127.0.0.1\r\n\r\n"},
      {"bare_feeds", "GET /hello HTTP/1.1\nHost: 127.0.0.1\n\n"},
      {"bare_feed_in_field", "GET /hello HTTP/1.1\r\nX: a\nHost: 127.0.0.1\r\n\r\n"},
      {"bare_return", "GET /hello HTTP/1.1\r\nX: a\rHost: 127.0.0.1\r\n\r\n"},
      {"double_return", "GET /hello HTTP/1.1\r\r\n" + kHost + "\r\n"},
      {"nul_in_line", std::string("GET /hel\0lo HTTP/1.1\r\n", 22) + kHost + "\r\n"},
      {"control_in_value", "GET /hello HTTP/1.1\r\n" + kHost + "X: \x01\r\n\r\n"},
      {"delete_in_value", "GET /hello HTTP/1.1\r\n" + kHost + "X: \x7f\r\n\r\n"},
      {"field_without_colon", "GET /hello HTTP/1.1\r\n" + kHost + "Oops\r\n\r\n"},
      {"field_without_name", "GET /hello HTTP/1.1\r\n" + kHost + ": x\r\n\r\n"},
      {"field_name_with_blank", "GET /hello HTTP/1.1\r\n" + kHost + "A B: x\r\n\r\n"},
      {"field_name_with_slash", "GET /hello HTTP/1.1\r\n" + kHost + "A/B: x\r\n\r\n"},
      {"first_line_folded", "GET /hello HTTP/1.1\r\n " + kHost + "\r\n"},
      {"blank_line_first", "\r\nGET /hello HTTP/1.1\r\n" + kHost + "\r\n"},
      {"lower_case_method", line("get /hello HTTP/1.1")},
      {"method_with_control", line("GE\tT /hello HTTP/1.1")},
      {"two_blanks", line("GET  /hello HTTP/1.1")},
      {"two_blanks_before_version", line("GET /hello  HTTP/1.1")},
      {"tab_for_blank", line("GET\t/hello\tHTTP/1.1")},
      {"blank_in_target", line("GET /hel lo HTTP/1.1")},
      {"blank_behind_version", line("GET /hello HTTP/1.1 ")},
      {"no_version", line("GET /hello")},
      {"only_method", line("GET")},
      {"version_lower_case", line("GET /hello http/1.1")},
      {"version_word", line("GET /hello HTTP/x.1")},
      {"version_long", line("GET /hello HTTP/1.10")},
      {"version_2", line("GET /hello HTTP/2.0"), 505},
      {"preface_of_http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"connect", line("CONNECT 127.0.0.1:22 HTTP/1.1")},
      {"absolute_form", line("GET http://127.0.0.1/hello HTTP/1.1")},
      {"asterisk_form", line("OPTIONS * HTTP/1.1")},
      {"high_byte_in_target", line("GET /h\xc3\xa4 HTTP/1.1")},
      {"double_slash", line("GET //hello HTTP/1.1")},
      {"dot_segment", line("GET /./hello HTTP/1.1")},
      {"dot_dot_segment", line("GET /x/../hello HTTP/1.1")},
      {"escaped_slash", line("GET /x%2fhello HTTP/1.1")},
      {"escaped_nul", line("GET /hello%00 HTTP/1.1")},
      {"escaped_dots", line("GET /%2e%2e/hello HTTP/1.1")},
      {"escaped_percent", line("GET /%252e/hello HTTP/1.1")},
      {"half_escape", line("GET /hello% HTTP/1.1")},
      {"half_escape_digit", line("GET /hello%4 HTTP/1.1")},
      {"no_hex_escape", line("GET /hello%zz HTTP/1.1")},
      {"backslash", line("GET /x\\hello HTTP/1.1")},
      {"semicolon", line("GET /hello;x HTTP/1.1")},
      {"fragment", line("GET /hello#x HTTP/1.1")},
      {"expectation", post("Content-Length: 5\r\nExpect: 200-ok\r\n", "hello"), 417},
      {"tls_hello", std::string("\x16\x03\x01\x02\x00\x01", 6)},
  };
}

class SmugglingTest : public LiveServer {
 protected:
  void check(const std::vector<Vector>& vectors) {
    start();
    for (const Vector& vector : vectors) {
      for (const bool is_split : {false, true}) {
        std::vector<std::string> pieces = {vector.bytes + kPoison};
        if (is_split) pieces = {vector.bytes.substr(0, vector.bytes.size() / 2), vector.bytes.substr(vector.bytes.size() / 2) + kPoison};
        const std::string reply = talk(std::move(pieces));
        EXPECT_EQ(reply.substr(0, 13), "HTTP/1.1 " + std::to_string(vector.status) + " ") << vector.name << "\n" << reply;
        EXPECT_EQ(reply.find("HTTP/1.1", 1), std::string::npos) << vector.name << ": more than one answer\n" << reply;
        EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos) << vector.name;
        EXPECT_EQ(poisoned_, 0) << vector.name << ": the poison reached a handler";
      }
    }
    EXPECT_EQ(server_->metrics().requests, 0U);
  }
};

TEST_F(SmugglingTest, AmbiguousFramingIsRefusedAndClosedAndThePoisonBehindItIsNeverDispatched) { check(framing_vectors()); }

TEST_F(SmugglingTest, MalformedChunksAreRefusedAndClosedAndThePoisonBehindThemIsNeverDispatched) { check(chunk_vectors()); }

TEST_F(SmugglingTest, MalformedLinesAndAmbiguousPathsAreRefusedAndThePoisonBehindThemIsNeverDispatched) {
  check(line_vectors());
}

TEST_F(SmugglingTest, ThereAreMoreThanSixtyVectors) {
  EXPECT_GE(framing_vectors().size() + chunk_vectors().size() + line_vectors().size(), 100U);
}

TEST_F(SmugglingTest, TheSameRequestsWithoutTheirFlawPass) {
  start();
  const std::string close = "Connection: close\r\n";
  for (const std::string& good : {post(close + "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
                                  post(close + "Transfer-Encoding: Chunked\r\n", "005\r\nhello\r\n0\r\n\r\n"),
                                  post(close + "Content-Length: 5\r\n", "hello"),
                                  post(close + "Content-Length: \t5 \r\n", "hello")}) {
    const std::string reply = talk({good});
    EXPECT_EQ(reply.substr(0, 13), "HTTP/1.1 200 ") << reply;
    EXPECT_TRUE(reply.ends_with("\r\n\r\nhello")) << reply;
  }
}

}  // namespace
}  // namespace tepui::http
