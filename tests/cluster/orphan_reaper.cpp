#include "tests/cluster/orphan_reaper.hpp"

#include <poll.h>
#include <sys/prctl.h>

#include "tests/cluster/child_process.hpp"

namespace tepui::cluster {

OrphanReaper::OrphanReaper() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  thread_ = std::thread([this] {
    while (!is_stopping_) {
      reap_orphans();
      ::poll(nullptr, 0, 20);
    }
  });
}

OrphanReaper::~OrphanReaper() {
  is_stopping_ = true;
  thread_.join();
}

}  // namespace tepui::cluster
