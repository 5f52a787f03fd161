#include "api/resources_convert.hpp"

#include <gtest/gtest.h>

#include "api/json.hpp"
#include "lib/model/resources_text.hpp"

namespace tepui::api {
namespace {

mesos::v1::TaskInfo task_from(std::string_view resources_json) {
  mesos::v1::TaskInfo task;
  const auto parsed = parse_json(
      R"({"name":"t","task_id":{"value":"t"},"agent_id":{"value":"a"},"resources":)" + std::string(resources_json) + "}", task);
  EXPECT_TRUE(parsed) << parsed.error().to_string();
  return task;
}

Result<Resources> resources_from(std::string_view json) { return resources_from_proto(task_from(json).resources()); }

TEST(ResourcesConvertTest, WhatGoesOutComesBack) {
  const auto resources = parse_resources("cpus:4;mem(a/b):64;ports:[1-2,5-9];disks:{x,y}");
  ASSERT_TRUE(resources);
  for (const ResourceForm form : {ResourceForm{true, true}, ResourceForm{true, false}, ResourceForm{false, false}}) {
    const auto back = resources_from_proto(resources_to_proto(*resources, form));
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(*back, *resources);
  }
}

TEST(ResourcesConvertTest, BothFormsOfAReservationMeanTheSame) {
  const auto old_form = resources_from(
      R"([{"name":"cpus","type":"SCALAR","scalar":{"value":1},"role":"r","reservation":{"principal":"p"}}])");
  const auto new_form = resources_from(
      R"([{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"r","principal":"p"}]}])");
  ASSERT_TRUE(old_form && new_form);
  EXPECT_EQ(*old_form, *new_form);
  const auto shown = resources_to_proto(*old_form, {true, false});
  EXPECT_EQ(shown[0].role(), "r");
  EXPECT_EQ(shown[0].reservation().principal(), "p");
  EXPECT_EQ(shown[0].reservations_size(), 0);
}

TEST(ResourcesConvertTest, AllocationIsShownOnlyToThoseWhoKnowIt) {
  const auto allocated = parse_resources("cpus:1")->allocated_to("dev");
  EXPECT_EQ(resources_to_proto(allocated)[0].allocation_info().role(), "dev");
  EXPECT_FALSE(resources_to_proto(allocated, {false, true})[0].has_allocation_info());
}

TEST(ResourcesConvertTest, ARefinedReservationIsLeftOutOfTheOldForm) {
  const auto refined = resources_from(
      R"([{"name":"cpus","type":"SCALAR","scalar":{"value":1},
          "reservations":[{"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]}])");
  ASSERT_TRUE(refined);
  EXPECT_EQ(resources_to_proto(*refined, {true, false}).size(), 0);
  EXPECT_EQ(*resources_from_proto(resources_to_proto(*refined)), *refined);
}

TEST(ResourcesConvertTest, ZeroAmountsAreAcceptedAndDropped) {
  const auto resources = resources_from(R"([{"name":"gpus","type":"SCALAR","scalar":{"value":0}}])");
  ASSERT_TRUE(resources);
  EXPECT_TRUE(resources->empty());
}

TEST(ResourcesConvertTest, NonsenseIsRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([{"name":"","type":"SCALAR","scalar":{"value":1}}])", "name is empty"},
      {R"([{"name":"cpus","type":"SCALAR","scalar":{"value":-1}}])", "cpus"},
      {R"([{"name":"cpus","type":"SCALAR","scalar":{"value":"Infinity"}}])", "cpus"},
      {R"([{"name":"cpus","type":"SCALAR"}])", "no value"},
      {R"([{"name":"ports","type":"SCALAR","scalar":{"value":1}}])", "ports"},
      {R"([{"name":"ports","type":"RANGES","ranges":{"range":[{"begin":9,"end":1}]}}])", "ports"},
      {R"([{"name":"cpus","type":"SCALAR","scalar":{"value":1},"role":"a//b"}])", "cpus"},
      {R"([{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservation":{}}])", "role '*'"},
      {R"([{"name":"cpus","type":"SCALAR","scalar":{"value":1},"role":"b","reservations":[{"type":"STATIC","role":"a"}]}])",
       "both"},
  };
  for (const auto& [json, named] : cases) {
    const auto resources = resources_from(json);
    ASSERT_FALSE(resources) << json;
    EXPECT_NE(resources.error().to_string().find(named), std::string::npos) << resources.error().to_string();
  }
}

TEST(ResourcesConvertTest, AttributesGoBothWays) {
  const auto attributes = parse_attributes("rack:a1;cores:[0-7];zones:{x,y};weight:1.5");
  ASSERT_TRUE(attributes);
  const auto back = attributes_from_proto(attributes_to_proto(*attributes));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, *attributes);
}

}  // namespace
}  // namespace tepui::api
