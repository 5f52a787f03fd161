// /files/*: what a task wrote is readable, what it points elsewhere is not.
#include <string>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "tests/cluster/cluster_fixture.hpp"

namespace tepui::cluster {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class AgentFilesTest : public ClusterTest {
 protected:
  void run(const std::string& command) {
    ASSERT_NO_FATAL_FAILURE(start());
    ASSERT_TRUE(scheduler.launch({{"t", command}}, in(20s)));
    ASSERT_TRUE(scheduler.wait_state("t", "TASK_FINISHED", in(20s))) << scheduler.describe();
    const auto answer = get("/tepui/v1/containers?plan=false");
    sandbox_ = json::parse(answer.body).at("containers").at(0).at("sandbox").as_string().c_str();
  }
  [[nodiscard]] HttpReply get(const std::string& target) const {
    return http_request(cluster->agent_address(0), "GET", target);
  }
  [[nodiscard]] HttpReply read(const std::string& name, const std::string& rest = "") const {
    return get("/files/read?path=" + sandbox_ + "/" + name + rest);
  }

  std::string sandbox_;
};

TEST_F(AgentFilesTest, OutputIsReadBrowsedAndDownloaded) {
  ASSERT_NO_FATAL_FAILURE(run("echo hello; echo trouble >&2"));
  auto answer = json::parse(read("stdout", "&offset=0&length=100&jsonp=ignored").body);
  EXPECT_EQ(answer.at("data").as_string(), "hello\n");
  answer = json::parse(read("stdout", "&offset=-1").body);
  EXPECT_EQ(answer.at("offset").to_number<int>(), 6);
  EXPECT_EQ(json::parse(read("stderr").body).at("data").as_string(), "trouble\n");
  const auto listing = json::parse(get("/files/browse?path=" + sandbox_).body).as_array();
  ASSERT_GE(listing.size(), 2U);
  EXPECT_EQ(listing.back().at("path").as_string(), sandbox_ + "/stdout");
  EXPECT_EQ(listing.back().at("uid").as_string(), "nobody");
  EXPECT_NE(get("/files/download?path=" + sandbox_ + "/stdout").body.find("hello\n"), std::string::npos);
}

TEST_F(AgentFilesTest, TricksOfATaskAreRefused) {
  ASSERT_NO_FATAL_FAILURE(run("ln -s /etc/shadow link; ln -s / root; mkfifo pipe; mkdir folder; echo x > 'odd name'"));
  for (const char* name : {"link", "root/etc/shadow", "pipe", "folder", "../../../../../../../../meta/checkpoint.log"}) {
    EXPECT_EQ(read(name).status, 400) << name;
    EXPECT_EQ(get("/files/download?path=" + sandbox_ + "/" + name).status, 400) << name;
  }
  EXPECT_EQ(get("/files/browse?path=" + sandbox_ + "/root").status, 400);
  EXPECT_EQ(read("absent").status, 404);
  EXPECT_EQ(get("/files/read?path=/etc/passwd").status, 404);
  EXPECT_EQ(get("/files/read").status, 400);
  EXPECT_EQ(read("stdout", "&offset=-7").status, 400);
  EXPECT_EQ(read("stdout", "&offset=x").status, 400);
  EXPECT_EQ(json::parse(read("odd%20name").body).at("data").as_string(), "x\n");
}

}  // namespace
}  // namespace tepui::cluster
