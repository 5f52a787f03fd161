// OrphanReaper: makes this test the parent of every orphan below it, and reaps them as init would: a shim that has
// ended must not linger as a zombie that looks alive to a restarted agent.
#pragma once

#include <atomic>
#include <thread>

namespace tepui::cluster {

class OrphanReaper {
 public:
  OrphanReaper();
  ~OrphanReaper();
  OrphanReaper(const OrphanReaper&) = delete;
  OrphanReaper& operator=(const OrphanReaper&) = delete;

 private:
  std::atomic<bool> is_stopping_ = false;
  std::thread thread_;
};

}  // namespace tepui::cluster
