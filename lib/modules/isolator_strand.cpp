// Events and the end of an instance. A pool of one thread keeps the order of what is submitted: that is the strand.
#include "lib/modules/isolator_strand.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "lib/async/fd_wait.hpp"
#include "lib/async/timer.hpp"
#include "lib/base/log.hpp"
#include "lib/linux/sys.hpp"
#include "tepui/abi/draft/host.h"

namespace tepui::modules {
namespace {

constexpr std::size_t kQueueLimit = 16384;
constexpr std::size_t kMaxEvents = 65536;

}  // namespace

IsolatorStrand::IsolatorStrand(std::shared_ptr<const IsolatorSetOptions> options)
    : options_(std::move(options)),
      tasks_(options_->loop, "isolator", {}),
      next_cgroups_(std::make_shared<const CgroupMap>()),
      cgroups_(next_cgroups_),
      pool_(std::make_unique<BlockingPool>(1, kQueueLimit)) {}

Result<void> IsolatorStrand::create(const ModuleLibrary& library, const std::map<std::string, std::string>& parameters) {
  name_ = library.manifest().name;
  TEPUI_ASSIGN(isolator_, LoadedIsolator::create(library, parameters, options_->cgroup_version, *this));
  return ok();
}

std::string IsolatorStrand::context(const std::string& verb) const { return fmt::format("isolator '{}': {}", name_, verb); }

void IsolatorStrand::note_duration(const std::string& verb, std::chrono::nanoseconds took) const {
  if (took < options_->soft_deadline) return;
  const auto took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  log::warn("isolator was slow", {{"isolator", name_}, {"call", verb}, {"took_ms", took_ms}});
}

void IsolatorStrand::report_limitation(LimitationReport report) {
  boost::asio::post(options_->loop, [weak = weak_from_this(), report = std::move(report)]() mutable {
    auto self = weak.lock();
    if (self && !self->is_closing_ && self->options_->on_limitation) self->options_->on_limitation(std::move(report));
  });
}

Result<int> IsolatorStrand::borrow_cgroup(std::string_view container_id, std::string_view controller) {
  auto container = cgroups_->find(container_id);
  if (container == cgroups_->end()) {
    return Error(ErrorCode::NotFound, fmt::format("borrow the cgroup of container '{}': none is known", container_id));
  }
  auto found = container->second.find(std::string(controller));
  if (found == container->second.end()) {
    return Error(ErrorCode::NotFound, fmt::format("borrow the cgroup of container '{}': none of controller '{}'",
                                                  container_id, controller));
  }
  return found->second;
}

Result<std::uint64_t> IsolatorStrand::watch_fd(int fd, std::uint32_t events, std::function<void()> on_ready) {
  if ((events & TEPUI_WATCH_PRIORITY) != 0) {
    return Error(ErrorCode::Unimplemented, "watch a descriptor for priority events");
  }
  auto event = std::make_shared<ModuleEvent>(options_->loop, std::move(on_ready));
  TEPUI_ASSIGN(event->fd, sys::duplicate(fd), std::string("watch a descriptor"));
  if (events_.size() >= kMaxEvents) return Error(ErrorCode::ResourceExhausted, "watch a descriptor: too many already");
  return begin_event(std::move(event));
}

Result<std::uint64_t> IsolatorStrand::start_timer(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                                                  std::function<void()> on_time) {
  auto event = std::make_shared<ModuleEvent>(options_->loop, std::move(on_time));
  event->delay = delay;
  event->period = period;
  if (events_.size() >= kMaxEvents) return Error(ErrorCode::ResourceExhausted, "start a timer: too many already");
  return begin_event(std::move(event));
}

std::uint64_t IsolatorStrand::begin_event(std::shared_ptr<ModuleEvent> event) {
  const std::uint64_t id = next_event_++;
  events_.emplace(id, event);
  boost::asio::post(options_->loop, [weak = weak_from_this(), event] {
    if (auto self = weak.lock()) static_cast<void>(event->group.spawn("module event", run_event(self, event)));
  });
  return id;
}

void IsolatorStrand::end_event(std::uint64_t id) {
  auto found = events_.find(id);
  if (found == events_.end()) return;
  std::shared_ptr<ModuleEvent> event = std::move(found->second);
  events_.erase(found);
  event->is_active = false;
  boost::asio::post(options_->loop, [event] { event->group.cancel(); });
}

Async<void> IsolatorStrand::run_event(std::shared_ptr<IsolatorStrand> self, std::shared_ptr<ModuleEvent> event) {
  const bool is_timer = !event->fd;
  auto wait = event->delay;
  while (true) {
    Result<void> woken = ok();
    if (is_timer) {
      woken = co_await sleep_for(wait);
    } else {
      woken = co_await wait_readable(event->fd.borrow());
    }
    if (!woken) co_return woken.error();
    std::function<Result<bool>(LoadedIsolator&)> work = [event](LoadedIsolator&) -> Result<bool> {
      if (event->is_active) event->callback();
      return event->is_active;
    };
    Result<bool> is_active = co_await self->call<bool>("event", std::move(work));
    if (!is_active) co_return is_active.error();
    if (!*is_active || (is_timer && event->period.count() == 0)) co_return ok();
    wait = event->period;
  }
}

boost::asio::awaitable<bool> IsolatorStrand::close() {
  is_closing_ = true;
  auto self = shared_from_this();
  std::function<Result<void>(LoadedIsolator&)> work = [self](LoadedIsolator&) -> Result<void> {
    self->isolator_.reset();
    while (!self->events_.empty()) self->end_event(self->events_.begin()->first);
    return ok();
  };
  Result<void> destroyed = co_await call<void>("destroy", std::move(work));
  if (!destroyed && destroyed.error().code() == ErrorCode::DeadlineExceeded) co_return false;
  static_cast<void>(co_await tasks_.close());
  co_return true;
}

}  // namespace tepui::modules
