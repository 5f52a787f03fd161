// host:port.
#include "lib/http/endpoint.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

TEST(EndpointTest, AddressesAreReadAndWritten) {
  EXPECT_EQ(HostPort::parse("127.0.0.1:5050")->to_string(), "127.0.0.1:5050");
  EXPECT_EQ(HostPort::parse("[::1]:5050")->host, "::1");
  EXPECT_EQ(HostPort::parse("[::1]:5050")->to_string(), "[::1]:5050");
  EXPECT_EQ(HostPort::parse("master.test", 5050)->to_string(), "master.test:5050");
  EXPECT_EQ((Endpoint{"::1", 1}).to_string(), "[::1]:1");
}

TEST(EndpointTest, MalformedAddressesAreRefused) {
  for (const char* text : {"", ":1", "a", "a:", "a:b", "a:0", "a:65536", "a:-1", "a:1x", "::1", "[::1", "[::1]x:1", "a b:1", "a/b:1"}) {
    EXPECT_FALSE(HostPort::parse(text)) << text;
  }
}

}  // namespace
}  // namespace tepui::http
