// One HTTP request with JSON in both directions: a connection of its own, a deadline, one redirect to the leader.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "lib/async/async.hpp"

namespace tepui::cli {

/// GET http://ADDRESS TARGET. `address` is HOST:PORT.
/// Errors: Unavailable (nobody listens), DeadlineExceeded (10 s), NotFound (404), DataLoss (the answer is no JSON object),
/// otherwise FailedPrecondition with status and body.
Async<boost::json::object> fetch_json(std::string address, std::string target);

/// POST with `body` as application/json; the answer's body is not read. Errors: as fetch_json.
Async<void> post_json(std::string address, std::string target, boost::json::object body);

}  // namespace tepui::cli
