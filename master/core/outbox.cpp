#include "master/core/outbox.hpp"

namespace tepui::master {

void Outbox::send(const Framework& framework, mesos::v1::scheduler::Event event) {
  if (!framework.is_connected()) return;
  effects_.emplace_back(SendToScheduler{framework.id, framework.stream, std::move(event)});
}

void Outbox::send(const Agent& agent, tepui::v1::AgentEvent event) {
  if (agent.stream.empty()) return;
  effects_.emplace_back(SendToAgent{agent.id, agent.stream, std::move(event)});
}

void Outbox::refuse_scheduler(const StreamId& stream, std::string message) {
  mesos::v1::scheduler::Event event;
  event.set_type(mesos::v1::scheduler::Event::ERROR);
  event.mutable_error()->set_message(message);
  effects_.emplace_back(SendToScheduler{{}, stream, std::move(event)});
  close(stream, std::move(message));
}

void Outbox::refuse_agent(const StreamId& stream, std::string message, bool is_removed) {
  tepui::v1::AgentEvent event;
  event.set_type(tepui::v1::AgentEvent::ERROR);
  event.mutable_error()->set_message(message);
  if (is_removed) event.mutable_error()->set_agent_removed(true);
  effects_.emplace_back(SendToAgent{{}, stream, std::move(event)});
  close(stream, std::move(message));
}

void Outbox::close(const StreamId& stream, std::string reason) {
  effects_.emplace_back(CloseStream{stream, std::move(reason)});
}

void Outbox::store(StoreInRegistry change) { effects_.emplace_back(std::move(change)); }

}  // namespace tepui::master
