// The shape all life cycles share: states, events, and one constexpr table from (state, event) to the next state.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "lib/base/result.hpp"

namespace tepui {

/// A table of |states| x |events| cells; an empty cell is an event that is illegal in that state.
/// State and Event are enums that count from 0 and whose names are given in the same order.
template <class State, class Event, std::size_t States, std::size_t Events>
struct Lifecycle {
  std::string_view noun;
  std::array<std::string_view, States> state_names;
  std::array<std::string_view, Events> event_names;
  std::array<std::array<std::optional<State>, Events>, States> cells;

  [[nodiscard]] constexpr std::optional<State> at(State state, Event event) const {
    return cells[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
  }
  [[nodiscard]] constexpr std::string_view name_of(State state) const {
    return state_names[static_cast<std::size_t>(state)];
  }
  [[nodiscard]] constexpr std::string_view name_of(Event event) const {
    return event_names[static_cast<std::size_t>(event)];
  }
  /// Errors: FailedPrecondition naming noun, event and state.
  [[nodiscard]] Result<State> next(State state, Event event) const {
    if (const auto cell = at(state, event)) return *cell;
    return Error(ErrorCode::FailedPrecondition,
                 fmt::format("move {}: {} is illegal while {}", noun, name_of(event), name_of(state)));
  }
};

}  // namespace tepui
