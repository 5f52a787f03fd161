#include "lib/modules/isolator_set.hpp"

#include <fcntl.h>

#include <gtest/gtest.h>

#include "lib/async/condition.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/task_group.hpp"
#include "lib/linux/sys.hpp"
#include "tests/fakes/recording_plan_sink.hpp"
#include "tests/unit/modules/fixture_modules.hpp"

namespace tepui::modules {
namespace {

using std::chrono::milliseconds;

class IsolatorSetTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (set_) {
      EXPECT_TRUE(block_on(loop_, set_->close()));
    }
  }
  ModuleSelection select(std::vector<std::string> names) {
    ModuleSelection selection;
    selection.entries = entries_;
    selection.folders = {TEPUI_FIXTURE_MODULES};
    selection.isolation = std::move(names);
    return selection;
  }
  Result<void> load(std::vector<std::string> names, milliseconds hard_deadline = std::chrono::seconds(20)) {
    IsolatorSetOptions options;
    options.loop = loop_.executor();
    options.hard_deadline = hard_deadline;
    options.on_limitation = [this](LimitationReport report) {
      reports_.push_back(std::move(report));
      reported_.notify();
    };
    auto loaded = IsolatorSet::load(select(std::move(names)), std::move(options));
    if (!loaded) return loaded.error();
    set_ = std::move(*loaded);
    return ok();
  }
  static ContainerView container() {
    ContainerView view;
    view.id = "c1";
    return view;
  }

  std::vector<ModuleEntry> entries_;
  EventLoop loop_;
  Notification reported_{loop_.executor()};
  std::vector<LimitationReport> reports_;
  std::shared_ptr<RecordingPlanSink> plan_ = std::make_shared<RecordingPlanSink>();
  std::shared_ptr<ClaimTable> claims_ = std::make_shared<ClaimTable>();
  std::unique_ptr<IsolatorSet> set_;
};

TEST_F(IsolatorSetTest, CallsCrossTheStrandInOrder) {
  ASSERT_TRUE(load({"test/good", "test/conflict"}));
  EXPECT_EQ(set_->names(), (std::vector<std::string>{"test/good", "test/conflict"}));
  ASSERT_TRUE(block_on(loop_, set_->recover({})));
  ASSERT_TRUE(block_on(loop_, set_->prepare(0, container(), plan_, claims_)));
  EXPECT_EQ(block_on(loop_, set_->prepare(1, container(), plan_, claims_)).error().code(), ErrorCode::AlreadyExists);
  ASSERT_TRUE(block_on(loop_, set_->cleanup(0, "c1")));
  auto status = block_on(loop_, set_->status("c1"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->at("test.trace"), "recover:0;prepare:c1:0;cleanup:c1;");
}

TEST_F(IsolatorSetTest, AReportArrivesOnTheLoopBeforeItsCallReturns) {
  ASSERT_TRUE(load({"test/good"}));
  ASSERT_TRUE(block_on(loop_, set_->update("c1", {}, {})));
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].message, "limit reached in the test");
}

TEST_F(IsolatorSetTest, AWatchedDescriptorCallsBackOnTheStrand) {
  ASSERT_TRUE(load({"test/good"}));
  auto pipe = sys::make_pipe();
  ASSERT_TRUE(pipe);
  set_->set_cgroups("c1", {{"test", pipe->read_end.borrow()}});
  auto usage = block_on(loop_, set_->usage("c1"));
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->at("test_borrowed"), pipe->read_end.borrow());
  ASSERT_TRUE(sys::write_all(pipe->write_end.borrow(), "x"));
  ASSERT_TRUE(block_on(loop_, with_deadline(reported_.wait(), std::chrono::seconds(10))));
  EXPECT_EQ(reports_[0].message, "the watched file was ready");
}

TEST_F(IsolatorSetTest, ATimerRingsUntilItsModuleEndsIt) {
  entries_ = {{"test/good", "", {{"tick_ms", "10"}}}};
  ASSERT_TRUE(load({"test/good"}));
  ASSERT_TRUE(block_on(loop_, set_->isolate(0, container(), -1)));
  ASSERT_TRUE(block_on(loop_, with_deadline(reported_.wait(), std::chrono::seconds(10))));
  EXPECT_EQ(reports_[0].message, "the timer rang three times");
  auto status = block_on(loop_, set_->status("c1"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->at("test.trace"), "isolate:0:nofd;tick;tick;tick;");
}

TEST_F(IsolatorSetTest, ForgottenCgroupsAreNotLent) {
  ASSERT_TRUE(load({"test/good"}));
  set_->set_cgroups("c1", {{"test", 0}});
  set_->forget_cgroups("c1");
  auto usage = block_on(loop_, set_->usage("c1"));
  ASSERT_TRUE(usage);
  EXPECT_TRUE(usage->empty());
}

TEST_F(IsolatorSetTest, AModuleThatBlocksMeetsTheHardDeadline) {
  ASSERT_TRUE(load({"test/slow"}, milliseconds(100)));
  auto pipe = sys::make_pipe();
  ASSERT_TRUE(pipe);
  ContainerView view = container();
  view.sandbox_fd = pipe->read_end.borrow();
  auto prepared = block_on(loop_, set_->prepare(0, view, plan_, claims_));
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code(), ErrorCode::DeadlineExceeded);
  EXPECT_NE(prepared.error().to_string().find("isolator 'test/slow': prepare"), std::string::npos);
  ASSERT_TRUE(sys::write_all(pipe->write_end.borrow(), "x"));
}

TEST_F(IsolatorSetTest, AnUnknownNameListsWhatThereIs) {
  auto loaded = load({"test/goood"});
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().to_string().find("did you mean 'test/good'?"), std::string::npos);
}

TEST_F(IsolatorSetTest, AModuleOfAnotherNameIsRefused) {
  auto loaded = load({"test/misnamed"});
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().to_string().find("it is 'test/other', not 'test/misnamed'"), std::string::npos);
}

TEST_F(IsolatorSetTest, NoIsolatorsIsASetToo) {
  ASSERT_TRUE(load({}));
  EXPECT_EQ(set_->size(), 0U);
  EXPECT_TRUE(block_on(loop_, set_->usage("c1"))->empty());
  EXPECT_FALSE(block_on(loop_, set_->cleanup(0, "c1")));
}

}  // namespace
}  // namespace tepui::modules
