// Async: the type of every coroutine in the tree. Not here: how one is started (task_group.hpp) or bounded (deadline.hpp).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "lib/base/result.hpp"

namespace tepui {

/// A coroutine that ends with a value or an Error. It starts when it is awaited, on the loop of the awaiting one.
/// Rules (g++ 12): parameters by value; no capturing lambda coroutines; one co_await per statement, never inside a
/// condition, a `?:` or an initialiser list; no lambda with captures and no braced aggregate made inside an awaited call
/// (`co_await client.send({"GET", "/"})`): g++ 12 destroys such a temporary twice, so give it a name and move it in. Strings
/// and other classes with constructors are safe. tools/check_layers.py looks for both.
/// Cancellation is cooperative: every wait of lib/async and lib/http returns Cancelled at once after the task was
/// cancelled, and goes on doing so; code that must still wait while it cleans up calls `ignore_cancellation()` first.
template <class T>
using Async = boost::asio::awaitable<Result<T>>;

/// Where coroutines and their timers run; every object of lib/async that waits is given one.
using Executor = boost::asio::any_io_executor;

/// The Error for a failed operation of Asio: operation_aborted -> Cancelled, eof and resets -> Unavailable, an errno as
/// `Error::from_errno`. `message` is verb and object ("read from 127.0.0.1:5050").
Error error_of_asio(const boost::system::error_code& code, std::string message,
                    SourceLocation where = SourceLocation::current());

/// Code Cancelled: `message` says what was not done.
Error cancelled(std::string message, SourceLocation where = SourceLocation::current());

/// Whether this task was cancelled and has not said ignore_cancellation().
boost::asio::awaitable<bool> is_cancelled();

/// From here to its end, this task can no longer be cancelled (deadlines inside it still work). For cleanup.
boost::asio::awaitable<void> ignore_cancellation();

}  // namespace tepui
