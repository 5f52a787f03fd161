// Metrics: the cluster as numbers, under the names that Mesos gives them.
#pragma once

#include <map>
#include <string>

#include "master/core/cluster.hpp"

namespace tepui::master {

/// Name to value: gauges are computed now, counters since the start.
std::map<std::string, double> metrics_of(const Cluster& cluster);

}  // namespace tepui::master
