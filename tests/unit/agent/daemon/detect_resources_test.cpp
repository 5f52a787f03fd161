#include "agent/daemon/detect_resources.hpp"

#include <gtest/gtest.h>

#include "lib/model/resources_text.hpp"

namespace tepui::agent {
namespace {

const MachineFacts kMachine{4, Bytes::from_mebibytes(16384), Bytes::from_mebibytes(102400)};

TEST(DetectResourcesTest, WithoutATextAllIsDetected) {
  EXPECT_EQ(*choose_resources("", kMachine), *parse_resources("cpus:4;mem:15360;disk:97280;ports:[31000-32000]"));
}

TEST(DetectResourcesTest, SmallMachinesOfferHalf) {
  const MachineFacts small{1, Bytes::from_mebibytes(1500), Bytes::from_mebibytes(4000)};
  EXPECT_EQ(*choose_resources("", small), *parse_resources("cpus:1;mem:750;disk:2000;ports:[31000-32000]"));
}

TEST(DetectResourcesTest, ANameThatIsGivenIsNotDetected) {
  EXPECT_EQ(*choose_resources("cpus:0.5;mem(ops):100", kMachine),
            *parse_resources("cpus:0.5;mem(ops):100;disk:97280;ports:[31000-32000]"));
}

TEST(DetectResourcesTest, AnAmountOfZeroMeansNone) {
  EXPECT_EQ(*choose_resources("disk:0; ports:[]", kMachine), *parse_resources("cpus:4;mem:15360"));
}

TEST(DetectResourcesTest, GarbageIsRefused) { EXPECT_FALSE(choose_resources("cpus", kMachine)); }

}  // namespace
}  // namespace tepui::agent
