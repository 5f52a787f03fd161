// Subscription: how a framework comes, goes, comes back and is removed (mesos.md §1.5).
#pragma once

#include "master/core/cluster.hpp"

namespace tepui::master {

/// A scheduler's SUBSCRIBE. A refusal is an ERROR event and the end of `stream`.
void subscribe_framework(Cluster& cluster, const mesos::v1::scheduler::Call::Subscribe& subscribe, const StreamId& stream);

/// Its stream ended: offers go back, and if it stays away for its failover_timeout it is removed.
void disconnect_framework(Cluster& cluster, Framework& framework);

/// Torn down, or away too long: its tasks are killed, its id never subscribes again. Invalidates `framework`.
void remove_framework(Cluster& cluster, Framework& framework, const std::string& reason);

/// A framework that an agent speaks of and nobody else does: known from now on, waiting for its scheduler.
Framework& add_recovered_framework(Cluster& cluster, const mesos::v1::FrameworkInfo& info);

/// HEARTBEAT, and the next one planned.
void beat_framework(Cluster& cluster, const Framework& framework);

/// All roles, or those named. An unknown role drops the whole call.
void suppress_offers(Cluster& cluster, Framework& framework, const google::protobuf::RepeatedPtrField<std::string>& roles);
/// The same; and refusals are forgotten, and there is a round of allocation.
void revive_offers(Cluster& cluster, Framework& framework, const google::protobuf::RepeatedPtrField<std::string>& roles);

mesos::v1::MasterInfo wire_master_info(const Cluster& cluster);

}  // namespace tepui::master
