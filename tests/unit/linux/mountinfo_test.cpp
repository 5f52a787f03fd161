#include "lib/linux/mountinfo.hpp"

#include <gtest/gtest.h>

namespace tepui::sys {
namespace {

TEST(MountinfoTest, ALineIsTakenApart) {
  const auto mounts = parse_mountinfo(
      "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue\n").value();
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].id, 36U);
  EXPECT_EQ(mounts[0].parent_id, 35U);
  EXPECT_EQ(mounts[0].root, "/mnt1");
  EXPECT_EQ(mounts[0].target, "/mnt 2");
  EXPECT_EQ(mounts[0].options, "rw,noatime");
  EXPECT_EQ(mounts[0].propagation, (std::vector<std::string>{"shared:1", "master:2"}));
  EXPECT_EQ(mounts[0].fstype, "ext3");
  EXPECT_EQ(mounts[0].super_options, "rw,errors=continue");
}

TEST(MountinfoTest, AnotherShapeIsDamageWithItsLine) {
  auto mounts = parse_mountinfo("36 35 98:0 / / rw - ext3 a rw\nno such line\n");
  ASSERT_FALSE(mounts);
  EXPECT_EQ(mounts.error().to_string(), "parse mountinfo line 2");
}

TEST(MountinfoTest, OurOwnTableIsReadable) { EXPECT_FALSE(read_mountinfo().value().empty()); }

}  // namespace
}  // namespace tepui::sys
