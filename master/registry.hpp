// Registry: the master's durable facts in one SQLite file. What they mean is the core's (core/registry.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.hpp"
#include "master/core/effects.hpp"

namespace tepui::master {

/// Keys and values, changed in transactions that are durable when they return (WAL, synchronous FULL).
/// Every call may block on the disk: the daemon uses it from one thread of a blocking pool, one call at a time.
class Registry {
 public:
  /// Opens or makes `path`, whose directory exists. Holds it alone until destroyed.
  /// Errors: ResourceExhausted with ENOSPC (full disk), DataLoss (no registry, damaged, or of a later version),
  /// FailedPrecondition (another master has it), else as the syscall.
  static Result<std::unique_ptr<Registry>> open(const std::string& path);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  ~Registry();

  /// Everything in it. Errors: DataLoss and those of the disk.
  Result<RegistryContents> read();
  /// All changes in order, in one transaction: durable on success, without any trace on failure.
  Result<void> write(const std::vector<StoreInRegistry>& changes);

 private:
  struct Impl;
  explicit Registry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tepui::master
