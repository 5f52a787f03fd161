#include "lib/base/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/fakes/handle_suite.hpp"

namespace tepui {
namespace {

struct UniqueFdTraits {
  using Handle = UniqueFd;
  static Handle make() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }
  static bool is_empty(const Handle& handle) { return !handle && handle.borrow() == -1; }
  static int identity(const Handle& handle) { return handle.borrow(); }
  static bool is_alive(int fd) { return ::fcntl(fd, F_GETFD) != -1; }
  static int release(Handle& handle) { return handle.release(); }
  static void destroy(int fd) { ::close(fd); }
};
INSTANTIATE_TYPED_TEST_SUITE_P(UniqueFd, HandleSuite, UniqueFdTraits);

TEST(UniqueFdTest, NegativeNumbersAreEmpty) {
  EXPECT_FALSE(UniqueFd(-1));
  EXPECT_EQ(UniqueFd(-42).borrow(), -1);
}

TEST(UniqueFdTest, ResetClosesOnceAndMayBeRepeated) {
  UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(fd);
  const int number = fd.borrow();
  fd.reset();
  EXPECT_FALSE(fd);
  EXPECT_FALSE(UniqueFdTraits::is_alive(number));
  fd.reset();
  EXPECT_FALSE(fd);
}

#ifndef NDEBUG
TEST(UniqueFdDeathTest, ClosingADescriptorThatSomebodyElseClosedAborts) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        ::close(fd.borrow());
        fd.reset();
      },
      "EBADF");
}
#endif

}  // namespace
}  // namespace tepui
