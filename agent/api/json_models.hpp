// How the agent's v0 endpoints write tasks, executors and frameworks: Mesos' shapes, which tools parse.
// Source: the answers of Mesos 1.11 (behaviour).
#pragma once

#include <map>
#include <string>

#include <boost/json/object.hpp>

#include "agent/api/agent_view.hpp"

namespace tepui::agent {

/// {"cpus":1.0,"mem":…,"disk":…,"gpus":…,"ports":"[1-2]"}.
boost::json::object resources_json(const google::protobuf::RepeatedPtrField<mesos::v1::Resource>& resources);

/// GET /state.
boost::json::object state_json(const AgentView& view);

/// Numbers of ResourceStatistics, integers as integers; names that are not the wire's are left out.
boost::json::object statistics_json(const ContainerUsage& usage);

/// GET /metrics/snapshot: flat, name to number.
boost::json::object metrics_json(const AgentView& view, const http::ServerMetrics& server);

/// One entry of GET /tepui/v1/containers without its plan.
boost::json::object container_json(const ContainerSummary& summary);

}  // namespace tepui::agent
