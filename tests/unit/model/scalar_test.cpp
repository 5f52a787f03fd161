#include "lib/model/scalar.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(ScalarTest, TenthsAddUpExactly) {
  EXPECT_EQ(*Scalar::from_double(0.1) + *Scalar::from_double(0.2), *Scalar::from_double(0.3));
}

TEST(ScalarTest, RoundsToTheNearestThousandth) {
  EXPECT_EQ(Scalar::from_double(1.0004)->millis(), 1000);
  EXPECT_EQ(Scalar::from_double(1.0006)->millis(), 1001);
}

TEST(ScalarTest, RefusesWhatIsNoAmount) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), -1.0, -0.001, 1e300, 9.1e12}) {
    EXPECT_FALSE(Scalar::from_double(bad)) << bad;
  }
  for (const char* bad : {"", "x", "1x", "nan", "inf", "-1", "1e999", "0x10", "1,5", " 1"}) {
    EXPECT_FALSE(Scalar::parse(bad)) << bad;
  }
}

TEST(ScalarTest, TextHasNoTrailingZeros) {
  EXPECT_EQ(Scalar::parse("4")->format(), "4");
  EXPECT_EQ(Scalar::parse("0.50")->format(), "0.5");
  EXPECT_EQ(Scalar::parse("1e3")->format(), "1000");
  EXPECT_EQ(Scalar::parse("1.125")->format(), "1.125");
  EXPECT_EQ(Scalar().format(), "0");
}

TEST(ScalarTest, SumsAndDifferencesStopAtTheirEnds) {
  const Scalar most = Scalar::from_millis(INT64_MAX);
  EXPECT_EQ(most + most, most);
  EXPECT_EQ(Scalar::from_millis(1) - Scalar::from_millis(2), Scalar());
}

}  // namespace
}  // namespace tepui
