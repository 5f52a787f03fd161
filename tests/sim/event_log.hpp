// EventLog: what happened in a simulation, as a hash of everything and the last lines of it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace tepui::sim {

class EventLog {
 public:
  /// Every line goes into the hash (FNV-1a, 64 bits); the last `kept` are kept for people.
  void add(std::string line) {
    for (const char c : line) mix(static_cast<unsigned char>(c));
    mix('\n');
    ++count_;
    lines_.push_back(std::move(line));
    if (lines_.size() > kept_) lines_.pop_front();
  }
  /// Into the hash only.
  void add_bytes(std::string_view bytes) {
    for (const char c : bytes) mix(static_cast<unsigned char>(c));
  }
  void keep(std::size_t lines) { kept_ = lines; }
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::string tail() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  void mix(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::uint64_t count_ = 0;
  std::size_t kept_ = 80;
  std::deque<std::string> lines_;
};

}  // namespace tepui::sim
