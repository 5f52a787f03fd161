#include <gtest/gtest.h>

#include "cli/cluster_api.hpp"

namespace tepui::cli {
namespace {

ClusterView cluster_with(std::initializer_list<std::pair<const char*, const char*>> tasks) {
  ClusterView cluster;
  for (const auto& [id, framework] : tasks) {
    TaskView task;
    task.id = id;
    task.framework_id = framework;
    cluster.tasks.push_back(task);
  }
  return cluster;
}

TEST(FindTaskTest, TheOnlyTaskOfThatNameIsFound) {
  const auto task = find_task(cluster_with({{"a", "f1"}, {"b", "f1"}}), "b", "");
  ASSERT_TRUE(task);
  EXPECT_EQ(task->framework_id, "f1");
}

TEST(FindTaskTest, AnUnknownTaskIsNotFound) {
  const auto task = find_task(cluster_with({{"a", "f1"}}), "b", "");
  ASSERT_FALSE(task);
  EXPECT_EQ(task.error().code(), ErrorCode::NotFound);
}

TEST(FindTaskTest, OneNameInTwoFrameworksIsRefusedAndBothAreNamed) {
  const auto cluster = cluster_with({{"a", "f1"}, {"a", "f2"}});
  const auto task = find_task(cluster, "a", "");
  ASSERT_FALSE(task);
  EXPECT_NE(task.error().to_string().find("f1, f2"), std::string::npos);
  EXPECT_TRUE(find_task(cluster, "a", "f2"));
}

}  // namespace
}  // namespace tepui::cli
