// The life of an offer on the master. Printed in docs/lifecycle.md; a test compares.
//
//   Outstanding --Accept--> Accepted,  --Decline--> Declined,  --Rescind--> Rescinded,  --Discard--> Discarded
#pragma once

#include "lib/model/lifecycle.hpp"

namespace tepui {

/// Every state but Outstanding is an end: the offer's resources are used or free again.
enum class OfferState { Outstanding, Accepted, Declined, Rescinded, Discarded };

/// Rescind: the master takes it back and says so. Discard: the framework went away or was taken over, nobody is told.
enum class OfferEvent { Accept, Decline, Rescind, Discard };

inline constexpr Lifecycle<OfferState, OfferEvent, 5, 4> kOfferLifecycle = [] {
  using enum OfferState;
  constexpr std::nullopt_t no = std::nullopt;
  return Lifecycle<OfferState, OfferEvent, 5, 4>{
      "offer",
      {"Outstanding", "Accepted", "Declined", "Rescinded", "Discarded"},
      {"Accept", "Decline", "Rescind", "Discard"},
      {{
          /*Outstanding*/ {{Accepted, Declined, Rescinded, Discarded}},
          /*Accepted*/ {{no, no, no, no}},
          /*Declined*/ {{no, no, no, no}},
          /*Rescinded*/ {{no, no, no, no}},
          /*Discarded*/ {{no, no, no, no}},
      }}};
}();

}  // namespace tepui
