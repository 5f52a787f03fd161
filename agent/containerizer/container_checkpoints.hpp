// ContainerCheckpoints: where the containerizer makes durable what it must find again. The agent's log implements it.
#pragma once

#include <string>

#include "lib/async/async.hpp"

namespace tepui::agent {

/// What is stored for one container. `body` is the containerizer's own text (container_record.hpp): opaque to the store.
struct ContainerRecord {
  std::string container_id;
  std::string body;
};

/// [loop] Owned by the agent; outlives the containerizer.
/// Order per container: store (plan, before the shim starts), store (pid, before go), store (the end, before cleanup),
/// erase (after Containerizer::forget).
class ContainerCheckpoints {
 public:
  ContainerCheckpoints() = default;
  ContainerCheckpoints(const ContainerCheckpoints&) = delete;
  ContainerCheckpoints& operator=(const ContainerCheckpoints&) = delete;
  virtual ~ContainerCheckpoints() = default;
  /// Replaces the container's record. On success it is durable. An error fails the launch.
  virtual Async<void> store(ContainerRecord record) = 0;
  /// Forgets the container. Idempotent. Need not be durable at once: a record that comes back tells the same
  /// end again.
  virtual Async<void> erase(std::string container_id) = 0;
};

}  // namespace tepui::agent
