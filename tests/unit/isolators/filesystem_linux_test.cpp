#include <sys/mount.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/isolators/linked_isolator.hpp"

namespace tepui {
namespace {

class FilesystemLinuxTest : public LinkedIsolatorTest {
 protected:
  static modules::ContainerView container_at(const std::string& sandbox) {
    auto view = container(1000, 0);
    view.sandbox = sandbox;
    return view;
  }
  /// The place of the first line that contains `part`; -1 when there is none.
  [[nodiscard]] int line_of(const std::string& part) const {
    for (std::size_t i = 0; i < plan_.lines.size(); ++i) {
      if (plan_.lines[i].find(part) != std::string::npos) return static_cast<int>(i);
    }
    return -1;
  }
};

TEST_F(FilesystemLinuxTest, TheRootIsTheHostReadOnlyInAMountNamespace) {
  ASSERT_TRUE(create()->prepare(container_at("/data/s"), plan_, claims_));
  EXPECT_TRUE(plan_.has("filesystem/linux add_namespace mount"));
  EXPECT_TRUE(plan_.has("filesystem/linux set_root / " + std::to_string(MS_RDONLY)));
}

TEST_F(FilesystemLinuxTest, TheSandboxIsBoundAfterTmpWhichMayHideIt) {
  ASSERT_TRUE(create()->prepare(container_at("/tmp/tepui/slaves/a/runs/c"), plan_, claims_));
  const int tmp = line_of("on /tmp as tmpfs");
  const int work = line_of("on /tmp/tepui as tmpfs");
  const int sandbox = line_of("add_mount /tmp/tepui/slaves/a/runs/c on /tmp/tepui/slaves/a/runs/c");
  EXPECT_GE(tmp, 0);
  EXPECT_LT(tmp, work);
  EXPECT_LT(work, sandbox);
}

TEST_F(FilesystemLinuxTest, ASandboxOfAnotherLayoutHidesNothingElse) {
  ASSERT_TRUE(create()->prepare(container_at("/data/sandbox"), plan_, claims_));
  EXPECT_EQ(line_of("on /data as tmpfs"), -1);
  EXPECT_GE(line_of("add_mount /data/sandbox on /data/sandbox"), 0);
}

TEST_F(FilesystemLinuxTest, DevHasTheDefaultDevicesAndNoOther) {
  ASSERT_TRUE(create()->prepare(container_at("/s"), plan_, claims_));
  const auto devices = std::count_if(plan_.lines.begin(), plan_.lines.end(),
                                     [](const std::string& line) { return line.find("add_device") != std::string::npos; });
  EXPECT_EQ(devices, 6);
  EXPECT_TRUE(plan_.has("filesystem/linux add_device /dev/null c 1:3 rwm"));
}

TEST_F(FilesystemLinuxTest, KernelPathsAreMaskedAndReadOnly) {
  ASSERT_TRUE(create()->prepare(container_at("/s"), plan_, claims_));
  EXPECT_TRUE(plan_.has("filesystem/linux add_masked_path /proc/kcore"));
  EXPECT_TRUE(plan_.has("filesystem/linux add_readonly_path /proc/sys"));
  EXPECT_TRUE(plan_.has("filesystem/linux add_readonly_path /proc/sysrq-trigger"));
}

TEST_F(FilesystemLinuxTest, SizesAreParametersWithUnits) {
  ASSERT_TRUE(create({{"tmp_size_mib", "32"}, {"shm_size_mib", "8"}})->prepare(container_at("/s"), plan_, claims_));
  EXPECT_GE(line_of("on /tmp as tmpfs (mode=1777,size=32m)"), 0);
  EXPECT_GE(line_of("on /dev/shm as tmpfs (mode=1777,size=8m)"), 0);
  EXPECT_FALSE(try_create({{"tmp_size_mib", "-1"}}));
  EXPECT_FALSE(try_create({{"shm_size_mib", "0"}}));
  EXPECT_FALSE(try_create({{"size", "1"}}));
}

TEST_F(FilesystemLinuxTest, WithAnImageItsRootAndMesossSandboxPathAreUsed) {
  auto view = container_at("/data/s");
  view.rootfs = "/images/one";
  ASSERT_TRUE(create()->prepare(view, plan_, claims_));
  EXPECT_TRUE(plan_.has("filesystem/linux set_root /images/one 0"));
  EXPECT_TRUE(plan_.has("filesystem/linux set_working_directory /mnt/mesos/sandbox"));
  EXPECT_GE(line_of("add_mount /data/s on /mnt/mesos/sandbox"), 0);
}

TEST_F(FilesystemLinuxTest, ARefusedVerbIsReturnedAtOnce) {
  plan_.refused = "on /dev/pts";
  auto prepared = create()->prepare(container_at("/s"), plan_, claims_);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(line_of("add_device"), -1);
}

}  // namespace
}  // namespace tepui
