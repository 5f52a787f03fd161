// Both cgroup worlds over a FakeCgroupfs: a temporary directory with the kernel's files in it.
#include "lib/linux/cgroup.hpp"

#include <cerrno>
#include <limits>

#include <gtest/gtest.h>

#include "lib/linux/sys.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::sys {
namespace {

constexpr std::chrono::milliseconds kShort{50};

CgroupLayout v1_layout(const TempDir& folder) {
  CgroupLayout layout{.version = CgroupVersion::V1, .mounts = {}, .controllers = {"cpu", "memory", "cpuset"}};
  for (const std::string& controller : layout.controllers) {
    layout.mounts[controller] = (folder.path() / controller).string();
    std::filesystem::create_directories(folder.path() / controller);
  }
  return layout;
}

CgroupLayout v2_layout(const TempDir& folder) {
  folder.write("v2/cgroup.subtree_control", "");
  return {.version = CgroupVersion::V2, .mounts = {{"", (folder.path() / "v2").string()}}, .controllers = {"cpu", "memory"}};
}

TEST(CgroupDetectTest, V1WinsOnAHybridHost) {
  const TempDir folder;
  folder.write("mountinfo",
               "1 0 0:1 / /sys/fs/cgroup rw - tmpfs cgroup rw\n"
               "2 1 0:2 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
               "3 1 0:3 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
               "4 1 0:4 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  const CgroupLayout layout = detect_cgroups((folder.path() / "mountinfo").string()).value();
  EXPECT_EQ(layout.version, CgroupVersion::V1);
  EXPECT_EQ(layout.controllers, (std::vector<std::string>{"cpu", "cpuacct"}));
  EXPECT_EQ(layout.mounts.at("cpuacct"), "/sys/fs/cgroup/cpu");
}

TEST(CgroupDetectTest, AV2OnlyHostOffersWhatItsControllersFileNames) {
  const TempDir folder;
  const std::string mount = (folder.path() / "cgroup").string();
  folder.write("cgroup/cgroup.controllers", "cpuset cpu memory\n");
  folder.write("mountinfo", "4 1 0:4 / " + mount + " rw - cgroup2 cgroup2 rw\n");
  const CgroupLayout layout = detect_cgroups((folder.path() / "mountinfo").string()).value();
  EXPECT_EQ(layout.version, CgroupVersion::V2);
  EXPECT_EQ(layout.controllers, (std::vector<std::string>{"cpuset", "cpu", "memory"}));
}

TEST(CgroupDetectTest, NoCgroupFileSystemIsNotFound) {
  const TempDir folder;
  folder.write("mountinfo", "1 0 0:1 / /tmp rw - tmpfs tmpfs rw\n");
  EXPECT_EQ(detect_cgroups((folder.path() / "mountinfo").string()).error().code(), ErrorCode::NotFound);
}

TEST(CgroupRootTest, V1MakesTheRootInEachHierarchyAndCgroupsBelowIt) {
  const TempDir folder;
  const CgroupRoot root = CgroupRoot::create(v1_layout(folder), "tepui", {"cpu", "memory"}).value();
  const Cgroup cgroup = root.create_cgroup("cpu", "one").value();
  EXPECT_EQ(cgroup.path(), (folder.path() / "cpu/tepui/one").string());
  EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "memory/tepui"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "memory/tepui/one"));
  EXPECT_EQ(root.list("cpu").value(), std::vector<std::string>{"one"});
  EXPECT_TRUE(root.create_cgroup("cpu", "one")) << "making it again opens it";
}

TEST(CgroupRootTest, V2EnablesControllersDownToTheRoot) {
  const TempDir folder;
  std::filesystem::create_directories(folder.path() / "v2/tepui");
  folder.write("v2/tepui/cgroup.subtree_control", "");
  const CgroupRoot root = CgroupRoot::create(v2_layout(folder), "tepui", {"cpu", "memory"}).value();
  EXPECT_EQ(folder.read("v2/cgroup.subtree_control"), "+cpu +memory");
  EXPECT_EQ(folder.read("v2/tepui/cgroup.subtree_control"), "+cpu +memory");
  EXPECT_EQ(root.create_cgroup("cpu", "one").value().path(), root.create_cgroup("memory", "one").value().path());
}

TEST(CgroupRootTest, AControllerThatIsNotThereIsNamed) {
  const TempDir folder;
  for (const CgroupLayout& layout : {v1_layout(folder), v2_layout(folder)}) {
    auto root = CgroupRoot::create(layout, "tepui", {"blkio"});
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().code(), ErrorCode::NotFound);
    EXPECT_NE(root.error().to_string().find("\"blkio\""), std::string::npos);
  }
}

TEST(CgroupRootTest, NamesThatWouldLeaveTheRootAreRefused) {
  const TempDir folder;
  for (const char* root : {"", "/", "../x", "a/../b", "a//b", "."}) {
    EXPECT_FALSE(CgroupRoot::create(v1_layout(folder), root, {"cpu"})) << root;
  }
  const CgroupRoot root = CgroupRoot::create(v1_layout(folder), "a/b", {"cpu"}).value();
  for (const char* name : {"", "..", ".", "x/y", "/x"}) EXPECT_FALSE(root.create_cgroup("cpu", name)) << name;
}

TEST(CgroupRootTest, ANewCpusetTakesItsParentsCpusAndMems) {
  const TempDir folder;
  const CgroupLayout layout = v1_layout(folder);
  for (const char* path : {"cpuset", "cpuset/tepui", "cpuset/tepui/one"}) {
    folder.write(std::string(path) + "/cpuset.cpus", std::string_view(path) == "cpuset" ? "0-3\n" : "\n");
    folder.write(std::string(path) + "/cpuset.mems", std::string_view(path) == "cpuset" ? "0\n" : "\n");
  }
  const CgroupRoot root = CgroupRoot::create(layout, "tepui", {"cpuset"}).value();
  ASSERT_TRUE(root.create_cgroup("cpuset", "one"));
  EXPECT_EQ(folder.read("cpuset/tepui/one/cpuset.cpus"), "0-3\n");
  EXPECT_EQ(folder.read("cpuset/tepui/one/cpuset.mems"), "0\n");
}

TEST(CgroupRootTest, RemovingWhatIsGoneIsSuccessAndChildrenGoToo) {
  const TempDir folder;
  const CgroupRoot root = CgroupRoot::create(v1_layout(folder), "tepui", {"cpu"}).value();
  EXPECT_TRUE(root.remove("cpu", "never", kShort));
  std::filesystem::create_directories(folder.path() / "cpu/tepui/one/inner/inmost");
  // The kernel's files would vanish with their directory; in a plain one only empty directories can go.
  auto removed = root.remove("cpu", "one", kShort);
  ASSERT_FALSE(removed) << "without cgroup.procs it is no cgroup";
  EXPECT_EQ(removed.error().sys_errno(), ENOENT);
}

class CgroupFilesTest : public ::testing::Test {
 protected:
  CgroupFilesTest() {
    folder_.write("cpu.shares", "1024\n");
    folder_.write("memory.limit_in_bytes", "max\n");
    folder_.write("cpu.stat", "nr_periods 3\nthrottled_time 18446744073709551615\nodd line here\nempty\n");
    folder_.write("cgroup.procs", "12\n345\n");
  }
  TempDir folder_;
  Cgroup cgroup_{CgroupVersion::V1, open_directory_at(AT_FDCWD, folder_.path().string()).value(), "fake"};
};

TEST_F(CgroupFilesTest, NumbersAndKeyedFilesAreRead) {
  EXPECT_EQ(cgroup_.read_number("cpu.shares").value(), 1024U);
  EXPECT_EQ(cgroup_.read_number("memory.limit_in_bytes").value(), std::numeric_limits<std::uint64_t>::max());
  const auto stat = cgroup_.read_keyed("cpu.stat").value();
  EXPECT_EQ(stat.at("nr_periods"), 3U);
  EXPECT_EQ(stat.at("throttled_time"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(stat.size(), 2U);
  EXPECT_EQ(cgroup_.pids().value(), (std::vector<pid_t>{12, 345}));
  EXPECT_EQ(cgroup_.read_number("cpu.stat").error().code(), ErrorCode::DataLoss);
}

TEST_F(CgroupFilesTest, WritingNamesFileValueAndCgroup) {
  ASSERT_TRUE(cgroup_.write("cpu.shares", "2"));
  EXPECT_EQ(folder_.read("cpu.shares").substr(0, 1), "2");
  auto missing = cgroup_.write("cpu.max", "1 2");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(missing.error().to_string(),
            "set \"1 2\" in cgroup \"fake\": open \"cpu.max\": No such file or directory (ENOENT)");
  EXPECT_EQ(cgroup_.write("../x", "1").error().code(), ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace tepui::sys
