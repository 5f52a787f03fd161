#include "lib/modules/loaded_isolator.hpp"

#include <gtest/gtest.h>

#include "tests/fakes/fake_host_services.hpp"
#include "tests/fakes/recording_plan_sink.hpp"
#include "tests/unit/modules/fixture_modules.hpp"

namespace tepui::modules {
namespace {

class LoadedIsolatorTest : public ::testing::Test {
 protected:
  std::unique_ptr<LoadedIsolator> create(const std::string& fixture, std::map<std::string, std::string> parameters = {}) {
    auto isolator = LoadedIsolator::create(load_fixture(fixture), parameters, 1, host_);
    EXPECT_TRUE(isolator) << isolator.error().to_string();
    return std::move(*isolator);
  }
  static ContainerView container() {
    ContainerView view;
    view.id = "c1";
    view.requests.cpus_milli = 1500;
    return view;
  }
  FakeHostServices host_;
  RecordingPlanSink plan_;
  ClaimTable claims_;
};

TEST_F(LoadedIsolatorTest, TheWholeLifeCrossesTheDoor) {
  auto isolator = create("test-good", {{"greeting", "good \"day\"\n"}});
  host_.cgroups[{"c1", "test"}] = 1;
  EXPECT_EQ(isolator->name(), "test/good");
  ASSERT_TRUE(isolator->recover({container(), container()}));
  ASSERT_TRUE(isolator->prepare(container(), plan_, claims_));
  EXPECT_TRUE(plan_.has("test/good add_namespace uts"));
  EXPECT_TRUE(plan_.has("test/good add_env TEST_GREETING=good \"day\"\n"));
  ContainerView started = container();
  started.pid = 42;
  ASSERT_TRUE(isolator->isolate(started, 0));
  ResourceAmounts requests;
  ResourceAmounts limits;
  requests.mem_bytes = 5;
  limits.mem_bytes = ResourceAmounts::kUnlimited;
  ASSERT_TRUE(isolator->update("c1", requests, limits));
  ASSERT_EQ(host_.reports.size(), 1U);
  EXPECT_EQ(host_.reports[0].isolator, "test/good");
  EXPECT_EQ(host_.reports[0].container_id, "c1");
  EXPECT_EQ(isolator->usage("c1")->at("test_borrowed"), 1);
  host_.fire_events();
  ASSERT_TRUE(isolator->cleanup("c1"));
  EXPECT_EQ(isolator->status("c1")->at("test.trace"),
            "recover:2;prepare:c1:1500;isolate:42:fd;update:5:-1;ready;cleanup:c1;");
  EXPECT_TRUE(host_.events.empty());
}

TEST_F(LoadedIsolatorTest, AnExceptionArrivesAsCodeAndText) {
  auto isolator = create("test-throws");
  auto prepared = isolator->prepare(container(), plan_, claims_);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code(), ErrorCode::Internal);
  EXPECT_EQ(prepared.error().to_string(), "isolator 'test/throws': exception in the module: thrown in prepare");
  EXPECT_EQ(isolator->cleanup("c1").error().to_string(),
            "isolator 'test/throws': exception of unknown type in the module");
}

TEST_F(LoadedIsolatorTest, AFailureToCreateNamesTheIsolator) {
  auto thrown = LoadedIsolator::create(load_fixture("test-throws"), {{"in", "create"}}, 1, host_);
  ASSERT_FALSE(thrown);
  EXPECT_NE(thrown.error().to_string().find("isolator 'test/throws'"), std::string::npos);
  auto unknown = LoadedIsolator::create(load_fixture("test-good"), {{"colour", "red"}}, 1, host_);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().to_string().find("read parameter 'colour': no such parameter"), std::string::npos);
}

TEST_F(LoadedIsolatorTest, ASwallowedConflictIsStillAConflict) {
  auto good = create("test-good");
  auto conflict = create("test-conflict");
  ASSERT_TRUE(good->prepare(container(), plan_, claims_));
  auto prepared = conflict->prepare(container(), plan_, claims_);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code(), ErrorCode::AlreadyExists);
  EXPECT_NE(prepared.error().to_string().find("isolators 'test/good' and 'test/conflict' both claim the uts namespace"),
            std::string::npos);
}

TEST_F(LoadedIsolatorTest, AModuleThatIsNoIsolatorIsRefused) {
  auto isolator = LoadedIsolator::create(load_fixture("test-no-interface"), {}, 1, host_);
  ASSERT_FALSE(isolator);
  EXPECT_EQ(isolator.error().code(), ErrorCode::Unimplemented);
}

}  // namespace
}  // namespace tepui::modules
