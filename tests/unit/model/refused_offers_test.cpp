#include "lib/model/refused_offers.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "lib/model/resources_text.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace tepui {
namespace {

using namespace std::chrono_literals;

class RefusedOffersTest : public ::testing::Test {
 protected:
  [[nodiscard]] bool blocks(std::string_view text, std::string_view role = "*", std::string_view agent = "s1") const {
    return refused_.blocks(role, agent, *parse_resources(text), clock_.monotonic());
  }
  ManualClock clock_;
  RefusedOffers refused_;
};

TEST_F(RefusedOffersTest, BlocksWhatIsContainedInTheRefusedUntilItEnds) {
  refused_.add("*", "s1", parse_resources("cpus:2;mem:100")->allocated_to("*"), clock_.monotonic() + 5s);
  EXPECT_TRUE(blocks("cpus:2;mem:100"));
  EXPECT_TRUE(blocks("cpus:1"));
  EXPECT_FALSE(blocks("cpus:2.001"));
  EXPECT_FALSE(blocks("cpus:1;disk:1"));
  EXPECT_FALSE(blocks("cpus:1", "other"));
  EXPECT_FALSE(blocks("cpus:1", "*", "s2"));
  clock_.advance(5s);
  EXPECT_FALSE(blocks("cpus:1"));
  refused_.expire(clock_.monotonic());
  EXPECT_TRUE(refused_.empty());
}

TEST_F(RefusedOffersTest, RefusingTheSameAgainProlongsOneRefusal) {
  refused_.add("*", "s1", *parse_resources("cpus:1"), clock_.monotonic() + 1s);
  refused_.add("*", "s1", *parse_resources("cpus:1"), clock_.monotonic() + 9s);
  EXPECT_EQ(refused_.next_expiry(), clock_.monotonic() + 9s);
}

TEST_F(RefusedOffersTest, ThereAreNeverMoreThanAFewForOneAgent) {
  for (int i = 1; i <= 100; ++i) {
    const std::string ports = "ports:[" + std::to_string(i * 10) + "-" + std::to_string(i * 10) + "]";
    refused_.add("*", "s1", *parse_resources(ports), clock_.monotonic() + std::chrono::seconds(i));
  }
  EXPECT_FALSE(blocks("ports:[10-10]"));
  EXPECT_TRUE(blocks("ports:[1000-1000]"));
  EXPECT_EQ(refused_.next_expiry(), clock_.monotonic() + std::chrono::seconds(100 - RefusedOffers::kMostPerAgent + 1));
}

TEST_F(RefusedOffersTest, RolesAndAgentsAreForgottenApart) {
  refused_.add("a", "s1", *parse_resources("cpus:1"), clock_.monotonic() + 1s);
  refused_.add("b", "s2", *parse_resources("cpus:1"), clock_.monotonic() + 1s);
  refused_.clear_role("a");
  EXPECT_FALSE(blocks("cpus:1", "a", "s1"));
  EXPECT_TRUE(blocks("cpus:1", "b", "s2"));
  refused_.clear_agent("s2");
  EXPECT_TRUE(refused_.empty());
}

TEST_F(RefusedOffersTest, OddSecondsBecomeTheDefaultOrTheLongest) {
  EXPECT_EQ(refuse_duration(-1), 5s);
  EXPECT_EQ(refuse_duration(std::nan("")), 5s);
  EXPECT_EQ(refuse_duration(0), 0s);
  EXPECT_EQ(refuse_duration(0.5), 500ms);
  EXPECT_EQ(refuse_duration(4294967295.0), 24h * 365);
  EXPECT_EQ(refuse_duration(1e300), 24h * 365);
}

}  // namespace
}  // namespace tepui
