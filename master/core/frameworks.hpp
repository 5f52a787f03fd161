// Frameworks: all frameworks by id and by stream, and those that are over.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "master/core/framework.hpp"

namespace tepui::master {

class Frameworks {
 public:
  explicit Frameworks(std::size_t max_completed) : max_completed_(max_completed) {}

  /// nullptr if there is none (completed ones are not found here).
  [[nodiscard]] Framework* find(std::string_view id);
  [[nodiscard]] const Framework* find(std::string_view id) const;
  [[nodiscard]] Framework* find_by_stream(std::string_view stream);
  [[nodiscard]] const std::map<std::string, Framework, std::less<>>& all() const { return frameworks_; }
  [[nodiscard]] std::map<std::string, Framework, std::less<>>& all() { return frameworks_; }

  /// `framework.id` is new.
  Framework& add(Framework framework);
  /// An empty `stream` disconnects. The framework exists.
  void set_stream(Framework& framework, StreamId stream);

  /// Torn down or timed out: its id never subscribes again. Returns the ids that fell out of the bounded list.
  std::vector<std::string> complete(std::string_view id);
  void add_completed(Framework framework);
  [[nodiscard]] bool is_completed(std::string_view id) const;
  /// Oldest first.
  [[nodiscard]] const std::deque<Framework>& completed() const { return completed_; }

 private:
  std::size_t max_completed_;
  std::map<std::string, Framework, std::less<>> frameworks_;
  std::map<std::string, std::string, std::less<>> id_by_stream_;
  std::deque<Framework> completed_;
};

}  // namespace tepui::master
