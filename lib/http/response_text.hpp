// The head of a response as bytes. Private to lib/http.
#pragma once

#include <string>

#include "lib/http/response.hpp"

namespace tepui::http {

/// Status line and fields with Content-Length of `response.body`, up to and with the blank line.
std::string format_head(const Response& response, bool keeps_alive);
/// The same with Transfer-Encoding: chunked. Says nothing of Connection: the stream stays open until it ends.
std::string format_stream_head(const Response& response);
/// A whole refusal: the reason as one line of text, Connection: close.
std::string format_refusal(int status, const std::string& reason);

}  // namespace tepui::http
