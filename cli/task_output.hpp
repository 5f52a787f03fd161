// TaskOutput: brings what a task writes from its agent to this terminal while it runs.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lib/async/async.hpp"

namespace tepui::cli {

/// Follows stdout and stderr of one task's sandbox by polling GET /files/read. [loop]
class TaskOutput {
 public:
  /// `prefix` begins every line (several instances on one terminal); empty leaves the bytes as they are.
  TaskOutput(std::string agent_address, std::string framework_id, std::string task_id, std::string prefix);

  /// Copies until *is_over was true before a round that found nothing more. Errors: NotFound (no such container, even at
  /// the end), those of the reads when they fail for longer than 10 s, Aborted (nobody reads what is printed any more; the
  /// caller ignores SIGPIPE).
  Async<void> follow(const bool* is_over);

 private:
  struct File {
    const char* name;
    std::FILE* sink;
    std::uint64_t offset = 0;
    bool is_at_line_start = true;
  };
  Async<bool> copy_some(File* file);
  Async<void> find_sandbox();
  /// False: the sink is closed.
  [[nodiscard]] bool print(File& file, const std::string& piece) const;

  std::string agent_address_;
  std::string framework_id_;
  std::string task_id_;
  std::string prefix_;
  std::string sandbox_;
  std::array<File, 2> files_;
};

}  // namespace tepui::cli
