// Asio's failures in our words.
#include "lib/async/async.hpp"

#include <boost/asio/error.hpp>

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(AsyncTest, AsiosErrorsHaveOurCodes) {
  EXPECT_EQ(error_of_asio(boost::asio::error::operation_aborted, "read").code(), ErrorCode::Cancelled);
  EXPECT_EQ(error_of_asio(boost::asio::error::eof, "read").code(), ErrorCode::Unavailable);
  const auto refused = error_of_asio(boost::asio::error::connection_refused, "connect to 127.0.0.1:1");
  EXPECT_EQ(refused.code(), ErrorCode::Unavailable);
  EXPECT_EQ(refused.sys_errno(), ECONNREFUSED);
  EXPECT_EQ(refused.to_string(), "connect to 127.0.0.1:1: Connection refused (ECONNREFUSED)");
}

}  // namespace
}  // namespace tepui
