// asio::signal_set behind our Result.
#include "lib/async/signals.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tepui {

namespace asio = boost::asio;

struct SignalWatcher::Impl {
  explicit Impl(Executor executor) : set(std::move(executor)) {}
  asio::signal_set set;
};

SignalWatcher::SignalWatcher(Executor executor, std::initializer_list<int> signals)
    : impl_(std::make_unique<Impl>(std::move(executor))) {
  boost::system::error_code ignored;
  for (int signal : signals) impl_->set.add(signal, ignored);
}

SignalWatcher::~SignalWatcher() = default;

Async<int> SignalWatcher::next() {
  const bool is_late = co_await is_cancelled();
  if (is_late) co_return cancelled("wait for a signal");
  auto [code, number] = co_await impl_->set.async_wait(asio::as_tuple(asio::use_awaitable));
  if (code) co_return error_of_asio(code, "wait for a signal");
  co_return number;
}

}  // namespace tepui
