#include "lib/base/bytes.hpp"

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(BytesTest, MebibytesAreMesosMegabytes) {
  EXPECT_EQ(Bytes::from_mebibytes(64).count(), 67'108'864U);
  EXPECT_DOUBLE_EQ(Bytes(1'572'864).mebibytes(), 1.5);
  EXPECT_LT(Bytes::from_mebibytes(1), Bytes::from_mebibytes(2));
  EXPECT_EQ(Bytes(), Bytes(0));
}

}  // namespace
}  // namespace tepui
