#include "lib/http/redirect.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

TEST(RedirectTest, TheServerIsFoundWithAndWithoutASchemeOrPath) {
  for (const char* location : {"//10.0.0.1:5050/api/v1/scheduler", "http://10.0.0.1:5050/state?x=//y", "//10.0.0.1:5050"}) {
    const auto server = server_in_location(location);
    ASSERT_TRUE(server) << location;
    EXPECT_EQ(server->to_string(), "10.0.0.1:5050");
  }
  const auto without_port = server_in_location("//leader/x", 5050);
  ASSERT_TRUE(without_port);
  EXPECT_EQ(without_port->port, 5050);
}

TEST(RedirectTest, ALocationWithoutAServerIsRefusedAndShown) {
  for (const char* location : {"", "/relative/path", "//", "///path", "//host:70000/x", "//host-without-port/x"}) {
    const auto server = server_in_location(location);
    ASSERT_FALSE(server) << location;
    EXPECT_EQ(server.error().code(), ErrorCode::InvalidArgument);
    EXPECT_NE(server.error().to_string().find(std::string("'") + location + "'"), std::string::npos) << location;
  }
}

}  // namespace
}  // namespace tepui::http
