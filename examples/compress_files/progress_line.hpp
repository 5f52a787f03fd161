// ProgressLine: one line on standard error that is written over and over, on terminals only.
#pragma once

#include <chrono>
#include <string>

namespace tepui::examples {

class ProgressLine {
 public:
  ProgressLine();
  /// Clears the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  /// "[########            ]  8 of 20 finished, 12 running, 0 waiting  3.2 s"
  void show(std::size_t ended, std::size_t running, std::size_t waiting) const;

 private:
  bool is_terminal_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace tepui::examples
