#include "examples/compress_files/progress_line.hpp"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

namespace tepui::examples {

constexpr std::size_t kBarWidth = 30;

ProgressLine::ProgressLine() : is_terminal_(::isatty(STDERR_FILENO) == 1), start_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() {
  if (is_terminal_) fmt::print(stderr, "\r\033[K");
}

void ProgressLine::show(std::size_t ended, std::size_t running, std::size_t waiting) const {
  if (!is_terminal_) return;
  const std::size_t all = ended + running + waiting;
  const std::size_t filled = all == 0 ? kBarWidth : kBarWidth * ended / all;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  fmt::print(stderr, "\r\033[K[{}{}] {} of {} ended, {} running, {} waiting  {:.1f} s", std::string(filled, '#'),
             std::string(kBarWidth - filled, ' '), ended, all, running, waiting, seconds);
  std::fflush(stderr);
}

}  // namespace tepui::examples
