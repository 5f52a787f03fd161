#include "launcher/plan.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include <fmt/format.h>

#include "launcher/init/plan_view.hpp"
#include "launcher/plan_format.hpp"
#include "lib/base/try.hpp"

namespace tepui::launcher {
namespace {

/// The writing half of plan_format.hpp.
class Writer {
 public:
  template <class T>
  void number(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void number(const bool& value) { bytes_ += static_cast<char>(value ? 1 : 0); }
  void text(const std::string& value) {
    if (value.find('\0') != std::string::npos) has_nul_ = true;
    number(static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
    bytes_ += '\0';
  }
  void texts(const std::vector<std::string>& values) {
    number(static_cast<std::uint32_t>(values.size()));
    for (const std::string& value : values) text(value);
  }
  template <class T, class PerElement>
  void list(const std::vector<T>& values, PerElement per_element) {
    number(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) per_element(*this, value);
  }
  [[nodiscard]] bool has_nul() const { return has_nul_; }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  bool has_nul_ = false;
};

/// Walks a LaunchPlan and a PlanView beside each other: the reading half on the agent's side. It turns the view's
/// bytes into values of our own by reading the encoded form once more, behind the view's checks.
class Copier {
 public:
  explicit Copier(const char* bytes) : next_(bytes) {}
  template <class T>
  void number(T& out) {
    if constexpr (std::is_same_v<T, bool>) {
      out = *next_++ == 1;
    } else {
      std::copy_n(next_, sizeof out, reinterpret_cast<char*>(&out));
      next_ += sizeof out;
    }
  }
  void text(std::string& out) {
    std::uint32_t size = 0;
    number(size);
    out.assign(next_, size);
    next_ += size + 1;
  }
  void texts(std::vector<std::string>& out) {
    list(out, [](auto& a, auto& entry) { a.text(entry); });
  }
  template <class T, class PerElement>
  void list(std::vector<T>& out, PerElement per_element) {
    std::uint32_t count = 0;
    number(count);
    out.resize(count);
    for (T& value : out) per_element(*this, value);
  }

 private:
  const char* next_;
};

struct RlimitName {
  const char* name;
  int resource;
};
constexpr std::array kRlimits = {
    RlimitName{"RLIMIT_AS", RLIMIT_AS},           RlimitName{"RLIMIT_CORE", RLIMIT_CORE},
    RlimitName{"RLIMIT_CPU", RLIMIT_CPU},         RlimitName{"RLIMIT_DATA", RLIMIT_DATA},
    RlimitName{"RLIMIT_FSIZE", RLIMIT_FSIZE},     RlimitName{"RLIMIT_LOCKS", static_cast<int>(__RLIMIT_LOCKS)},
    RlimitName{"RLIMIT_MEMLOCK", static_cast<int>(__RLIMIT_MEMLOCK)},
    RlimitName{"RLIMIT_MSGQUEUE", static_cast<int>(__RLIMIT_MSGQUEUE)},
    RlimitName{"RLIMIT_NICE", static_cast<int>(__RLIMIT_NICE)},
    RlimitName{"RLIMIT_NOFILE", RLIMIT_NOFILE},   RlimitName{"RLIMIT_NPROC", static_cast<int>(__RLIMIT_NPROC)},
    RlimitName{"RLIMIT_RSS", static_cast<int>(__RLIMIT_RSS)},
    RlimitName{"RLIMIT_RTPRIO", static_cast<int>(__RLIMIT_RTPRIO)},
    RlimitName{"RLIMIT_RTTIME", static_cast<int>(__RLIMIT_RTTIME)},
    RlimitName{"RLIMIT_SIGPENDING", static_cast<int>(__RLIMIT_SIGPENDING)},
    RlimitName{"RLIMIT_STACK", RLIMIT_STACK}};

/// Reads and checks in place. `arena_memory` must outlive `view`.
Result<void> view_plan(std::string_view bytes, std::vector<char>& arena_memory, PlanView& view) {
  arena_memory.resize(arena_size_for(std::min<std::size_t>(bytes.size(), kMaxPlanBytes)));
  Arena arena(arena_memory.data(), arena_memory.size());
  PlanProblem problem = read_plan(bytes.data(), bytes.size(), arena, view);
  if (problem.what != nullptr) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read launch plan at byte {}: {}", problem.offset, problem.what));
  }
  problem = check_plan(view);
  if (problem.what != nullptr) {
    return Error(ErrorCode::InvalidArgument, fmt::format("check launch plan: {}", problem.what));
  }
  return ok();
}

}  // namespace

FdIndex LaunchPlan::add_fd(UniqueFd fd) {
  fds.push_back(std::make_shared<const UniqueFd>(std::move(fd)));
  return static_cast<FdIndex>(fds.size() - 1);
}

bool LaunchPlan::has_namespace(NamespaceKind kind) const {
  return std::any_of(namespaces.begin(), namespaces.end(), [&](const PlanNamespace& n) { return n.kind == kind; });
}

Result<std::string> encode_plan(const LaunchPlan& plan) {
  Writer writer;
  writer.number(kPlanMagic);
  writer.number(kPlanVersion);
  writer.number(static_cast<std::uint32_t>(plan.fds.size()));
  walk_plan(writer, plan);
  if (writer.has_nul()) return Error(ErrorCode::InvalidArgument, "encode launch plan: a NUL inside a text");
  std::string bytes = writer.take();
  if (bytes.size() > kMaxPlanBytes) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("encode launch plan: {} bytes are more than {}", bytes.size(), kMaxPlanBytes));
  }
  // What the shim would refuse is refused here, where there is somebody to tell.
  std::vector<char> arena_memory;
  PlanView view;
  TEPUI_TRY(view_plan(bytes, arena_memory, view));
  return bytes;
}

Result<LaunchPlan> decode_plan(std::string_view bytes) {
  std::vector<char> arena_memory;
  PlanView view;
  TEPUI_TRY(view_plan(bytes, arena_memory, view));
  LaunchPlan plan;
  constexpr std::size_t kHeader = 12;
  Copier copier(bytes.data() + kHeader);
  walk_plan(copier, plan);
  plan.fds.resize(view.fd_count);
  return plan;
}

int rlimit_of_name(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (!upper.starts_with("RLIMIT_")) upper = "RLIMIT_" + upper;
  for (const RlimitName& entry : kRlimits) {
    if (upper == entry.name) return entry.resource;
  }
  return -1;
}

const char* rlimit_name(std::uint32_t resource) {
  for (const RlimitName& entry : kRlimits) {
    if (static_cast<std::uint32_t>(entry.resource) == resource) return entry.name;
  }
  return "RLIMIT_?";
}

}  // namespace tepui::launcher
