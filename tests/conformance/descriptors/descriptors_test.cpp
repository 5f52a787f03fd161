// Our .proto files against the descriptors inside Mesos 1.11.0's released jar: every message and enum that the scheduler
// and executor APIs reach must have the same names, numbers, labels, types and defaults, no more and no less.
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "mesos/v1/executor/executor.pb.h"
#include "mesos/v1/mesos.pb.h"
#include "mesos/v1/scheduler/scheduler.pb.h"
#include "tests/fakes/requires.hpp"

namespace tepui {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

/// Everything the wire shows of one message or enum, as lines of text.
using Facts = std::set<std::string>;

std::string default_of(const FieldDescriptor& field) {
  if (!field.has_default_value()) return "none";
  google::protobuf::FieldDescriptorProto proto;
  field.CopyTo(&proto);
  return proto.default_value();
}

std::string type_of(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

/// Follows every field from `message` and notes the facts of all that is reached.
void note_message(const Descriptor& message, std::map<std::string, Facts>& facts) {
  if (facts.contains(message.full_name())) return;
  Facts& own = facts[message.full_name()];
  std::vector<const Descriptor*> next;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    own.insert(fmt::format("{} = {} label {} type {} default {} deprecated {}", field.name(), field.number(),
                           static_cast<int>(field.label()), type_of(field), default_of(field),
                           field.options().deprecated()));
    if (field.message_type() != nullptr) next.push_back(field.message_type());
    if (const EnumDescriptor* type = field.enum_type(); type != nullptr) {
      for (int j = 0; j < type->value_count(); ++j) {
        facts[type->full_name()].insert(fmt::format("{} = {}", type->value(j)->name(), type->value(j)->number()));
      }
    }
  }
  for (const Descriptor* reached : next) note_message(*reached, facts);
}

std::map<std::string, Facts> facts_of(const DescriptorPool& pool) {
  std::map<std::string, Facts> facts;
  for (const char* root : {"mesos.v1.scheduler.Call", "mesos.v1.scheduler.Event", "mesos.v1.executor.Call",
                           "mesos.v1.executor.Event"}) {
    const Descriptor* message = pool.FindMessageTypeByName(root);
    EXPECT_NE(message, nullptr) << root;
    if (message != nullptr) note_message(*message, facts);
  }
  return facts;
}

/// The pool of our generated code. Asking a message of each file for its descriptor keeps the linker from dropping the file.
const DescriptorPool& our_pool() {
  static_cast<void>(mesos::v1::executor::Call::descriptor());
  return *mesos::v1::scheduler::Call::descriptor()->file()->pool();
}

/// What stands in one and not in the other, one line each; empty when equal.
std::string difference(const std::map<std::string, Facts>& ours, const std::map<std::string, Facts>& released) {
  std::string lines;
  const auto list_missing = [&lines](const auto& from, const auto& in, std::string_view what) {
    for (const auto& [name, facts] : from) {
      const auto other = in.find(name);
      if (other == in.end()) {
        lines += fmt::format("{} {}\n", what, name);
        continue;
      }
      for (const std::string& fact : facts) {
        if (!other->second.contains(fact)) lines += fmt::format("{} {}: {}\n", what, name, fact);
      }
    }
  };
  list_missing(released, ours, "missing here:");
  list_missing(ours, released, "only here:");
  return lines;
}

class DescriptorsTest : public testing::Test {
 protected:
  static void load(const std::string& directory, DescriptorPool& pool) {
    for (const char* outer : {"org.apache.mesos.v1.Protos", "org.apache.mesos.v1.scheduler.Protos",
                              "org.apache.mesos.v1.executor.Protos"}) {
      std::ifstream file(fmt::format("{}/{}.pb", directory, outer), std::ios::binary);
      google::protobuf::FileDescriptorProto proto;
      ASSERT_TRUE(proto.ParseFromIstream(&file)) << outer;
      ASSERT_NE(pool.BuildFile(proto), nullptr) << outer;
    }
  }
};

TEST_F(DescriptorsTest, EveryMessageTheApisReachIsThatOfTheRelease) {
  TEPUI_REQUIRES(needs::program("java"), needs::program("mvn"));
  const std::string directory = TEPUI_BINARY_DIR "/conformance/descriptors";
  const std::string command = fmt::format("'{}/tests/conformance/descriptors/fetch_release.sh' '{}'", TEPUI_SOURCE_DIR, directory);
  ASSERT_EQ(std::system(command.c_str()), 0);
  DescriptorPool released;
  load(directory, released);
  const auto released_facts = facts_of(released);
  ASSERT_GT(released_facts.size(), 100U) << "the walk reached less than the release has";
  EXPECT_EQ(difference(facts_of(our_pool()), released_facts), "");
}

TEST_F(DescriptorsTest, AChangedNumberLabelOrDefaultIsSeen) {
  const auto facts = facts_of(our_pool());
  auto changed = facts;
  ASSERT_EQ(changed["mesos.v1.Filters"].size(), 1U);
  changed["mesos.v1.Filters"] = {"refuse_seconds = 2 label 1 type double default 5 deprecated false"};
  EXPECT_NE(difference(changed, facts).find("mesos.v1.Filters: refuse_seconds = 1 label 1 type double default 5"),
            std::string::npos);
  changed = facts;
  changed.erase("mesos.v1.KillPolicy");
  EXPECT_NE(difference(changed, facts).find("missing here: mesos.v1.KillPolicy"), std::string::npos);
}

}  // namespace
}  // namespace tepui
