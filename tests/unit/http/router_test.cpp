// Routing.
#include "lib/http/router.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

Async<Response> answer(std::string) { co_return Response::empty(200); }
Handler handler() {
  return [](Request request) { return answer(request.path); };
}

TEST(RouterTest, ExactPathsComeFirstThenTheLongestPrefix) {
  Router router;
  router.add("GET", "/api/v1/scheduler", handler());
  router.add_prefix("*", "/api/v1", handler());
  router.add_prefix("*", "/slaves", handler());
  router.add_prefix("GET", "/", handler());
  const Handler* scheduler = router.find("GET", "/api/v1/scheduler").handler;
  const Handler* operators = router.find("POST", "/api/v1").handler;
  const Handler* slaves = router.find("POST", "/slaves/x/y").handler;
  const Handler* root = router.find("GET", "/slavesx").handler;
  ASSERT_TRUE(scheduler && operators && slaves && root);
  EXPECT_EQ(router.find("POST", "/api/v1/operator").handler, operators);
  EXPECT_EQ(router.find("POST", "/api/v1/").handler, operators);
  EXPECT_NE(scheduler, operators);
  EXPECT_NE(slaves, root);
  EXPECT_EQ(router.find("GET", "/").handler, root);
}

TEST(RouterTest, AWrongMethodNamesTheRightOnes) {
  Router router;
  router.add("GET", "/a", handler());
  router.add("POST", "/a", handler());
  EXPECT_EQ(router.find("DELETE", "/a").allowed, "GET, POST");
  EXPECT_EQ(router.find("DELETE", "/b").allowed, "");
  EXPECT_NE(router.find("HEAD", "/a").handler, nullptr);
}

}  // namespace
}  // namespace tepui::http
