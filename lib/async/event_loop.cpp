// An io_context with a work guard, so that run() returns only at stop().
#include "lib/async/event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace tepui {

struct EventLoop::Impl {
  boost::asio::io_context context{1};
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

Executor EventLoop::executor() const { return impl_->context.get_executor(); }

void EventLoop::run() {
  impl_->context.restart();
  const auto guard = boost::asio::make_work_guard(impl_->context);
  impl_->context.run();
}

void EventLoop::stop() { impl_->context.stop(); }

void EventLoop::post(std::function<void()> work) { boost::asio::post(impl_->context, std::move(work)); }

bool EventLoop::is_current() const { return impl_->context.get_executor().running_in_this_thread(); }

}  // namespace tepui
