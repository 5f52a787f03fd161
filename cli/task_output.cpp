#include "cli/task_output.hpp"

#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "cli/cluster_api.hpp"
#include "lib/async/timer.hpp"
#include "lib/base/try.hpp"

namespace tepui::cli {
namespace {

constexpr std::chrono::milliseconds kPollInterval{50};
constexpr std::chrono::seconds kPatience{10};

}  // namespace

TaskOutput::TaskOutput(std::string agent_address, std::string framework_id, std::string task_id, std::string prefix)
    : agent_address_(std::move(agent_address)),
      framework_id_(std::move(framework_id)),
      task_id_(std::move(task_id)),
      prefix_(std::move(prefix)),
      files_{File{"stdout", stdout}, File{"stderr", stderr}} {}

Async<void> TaskOutput::find_sandbox() {
  TEPUI_CO_ASSIGN(const boost::json::object container, co_await fetch_container(agent_address_, framework_id_, task_id_));
  const auto* sandbox = container.if_contains("sandbox");
  if (sandbox == nullptr || !sandbox->is_string() || sandbox->get_string().empty()) {
    co_return Error(ErrorCode::NotFound, fmt::format("find the sandbox of task '{}'", task_id_));
  }
  sandbox_ = std::string(sandbox->get_string());
  co_return ok();
}

bool TaskOutput::print(File& file, const std::string& piece) const {
  if (prefix_.empty()) {
    std::fwrite(piece.data(), 1, piece.size(), file.sink);
  } else {
    for (const char character : piece) {
      if (file.is_at_line_start) std::fwrite(prefix_.data(), 1, prefix_.size(), file.sink);
      std::fputc(character, file.sink);
      file.is_at_line_start = character == '\n';
    }
  }
  return std::fflush(file.sink) == 0 && std::ferror(file.sink) == 0;
}

Async<bool> TaskOutput::copy_some(File* file) {
  const std::string path = sandbox_ + "/" + file->name;
  TEPUI_CO_ASSIGN(const std::string piece, co_await read_sandbox_file(agent_address_, path, file->offset));
  if (piece.empty()) co_return false;
  if (!print(*file, piece)) {
    co_return Error(ErrorCode::Aborted, fmt::format("print the {} of task '{}'", file->name, task_id_));
  }
  file->offset += piece.size();
  co_return true;
}

Async<void> TaskOutput::follow(const bool* is_over) {
  auto last_success = std::chrono::steady_clock::now();
  for (;;) {
    // Read before the round: an end that comes during it must not lose the last bytes.
    const bool was_over = *is_over;
    bool is_more = false;
    Result<void> round = ok();
    if (sandbox_.empty()) round = co_await find_sandbox();
    for (File& file : files_) {
      if (!round) break;
      auto copied = co_await copy_some(&file);
      if (!copied) {
        round = copied.error();
      } else {
        is_more = is_more || *copied;
      }
    }
    const auto now = std::chrono::steady_clock::now();
    if (round) last_success = now;
    if (round && !is_more && was_over) co_return ok();
    if (!round && round.error().code() == ErrorCode::Aborted) co_return round.error();
    if (!round && (was_over || now - last_success > kPatience)) co_return round.error();
    if (is_more) continue;
    TEPUI_CO_TRY(co_await sleep_for(kPollInterval));
  }
}

}  // namespace tepui::cli
