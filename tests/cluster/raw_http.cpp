#include "tests/cluster/raw_http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdlib>

namespace tepui::cluster {
namespace {

using namespace std::chrono_literals;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string_view host_of(std::string_view address) {
  const auto scheme = address.find("://");
  if (scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
  while (!address.empty() && (address.back() == '/' || address.back() == '\n')) address.remove_suffix(1);
  return address;
}

bool is_ready(int fd, short events, Deadline deadline) {
  pollfd waiting{fd, events, 0};
  int outcome = 0;
  do {
    outcome = ::poll(&waiting, 1, left_until(deadline));
  } while (outcome < 0 && errno == EINTR);
  return outcome > 0;
}

}  // namespace

RawConnection::RawConnection(std::string_view address) {
  const std::string host(host_of(address));
  const auto colon = host.rfind(':');
  if (colon == std::string::npos) return;
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<std::uint16_t>(std::atoi(host.c_str() + colon + 1)));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.borrow(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) return;
  const int one = 1;
  ::setsockopt(fd.borrow(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fd_ = std::move(fd);
}

bool RawConnection::send(std::string_view bytes, Deadline deadline) {
  while (fd_ && !bytes.empty()) {
    if (!is_ready(fd_.borrow(), POLLOUT, deadline)) return false;
    const auto sent = ::send(fd_.borrow(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return static_cast<bool>(fd_);
}

bool RawConnection::receive(Deadline deadline) {
  if (!fd_ || !is_ready(fd_.borrow(), POLLIN, deadline)) return false;
  std::array<char, 65536> part{};
  const auto count = ::recv(fd_.borrow(), part.data(), part.size(), 0);
  if (count <= 0) {
    fd_.reset();
    return false;
  }
  buffer_.append(part.data(), static_cast<std::size_t>(count));
  return true;
}

HttpReply RawConnection::read_head(Deadline deadline) {
  HttpReply reply;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive(deadline)) return reply;
  }
  std::string head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  if (head.rfind("HTTP/1.", 0) == 0) reply.status = std::atoi(head.c_str() + 9);
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t stop = head.find("\r\n", at);
    const std::string line = head.substr(at, stop - at);
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) {
      const std::size_t value = line.find_first_not_of(' ', colon + 1);
      reply.headers[lower(line.substr(0, colon))] = value == std::string::npos ? "" : line.substr(value);
    }
    at = stop + 2;
  }
  return reply;
}

std::optional<std::string> RawConnection::read_chunk(Deadline deadline) {
  std::size_t line = 0;
  while ((line = buffer_.find("\r\n")) == std::string::npos) {
    if (!receive(deadline)) return std::nullopt;
  }
  std::size_t size = 0;
  std::from_chars(buffer_.data(), buffer_.data() + line, size, 16);
  while (buffer_.size() < line + 2 + size + 2) {
    if (!receive(deadline)) return std::nullopt;
  }
  std::string chunk = buffer_.substr(line + 2, size);
  buffer_.erase(0, line + 2 + size + 2);
  if (size == 0) {
    fd_.reset();
    return std::nullopt;
  }
  return chunk;
}

void RawConnection::read_body(HttpReply& head, Deadline deadline) {
  if (head.headers["transfer-encoding"] == "chunked") {
    while (auto chunk = read_chunk(deadline)) head.body += *chunk;
    return;
  }
  const bool has_length = head.headers.contains("content-length");
  const auto length = has_length ? std::strtoull(head.headers["content-length"].c_str(), nullptr, 10) : ~0ULL;
  while (buffer_.size() < length && receive(deadline)) {
  }
  head.body = buffer_.substr(0, static_cast<std::size_t>(std::min<unsigned long long>(length, buffer_.size())));
  buffer_.erase(0, head.body.size());
}

bool RawConnection::is_closed_by_peer(Deadline deadline) {
  while (receive(deadline)) {
  }
  return !fd_;
}

std::string format_request(std::string_view method, std::string_view path, std::string_view host,
                           const std::map<std::string, std::string>& headers, std::string_view body) {
  std::string text;
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(host_of(host)).append("\r\n");
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value).append("\r\n");
  if (method == "POST") text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  text.append("\r\n").append(body);
  return text;
}

HttpReply http_request(std::string_view address, std::string_view method, std::string_view path, std::string_view body,
                       std::map<std::string, std::string> headers) {
  RawConnection connection(address);
  headers.emplace("Connection", "close");
  const auto deadline = in(20s);
  if (!connection.send(format_request(method, path, address, headers, body), deadline)) return {};
  HttpReply reply = connection.read_head(deadline);
  connection.read_body(reply, deadline);
  return reply;
}

}  // namespace tepui::cluster
