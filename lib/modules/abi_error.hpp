// Errors across the door: the C ABI's caller-owned struct and the tree's Error.
#pragma once

#include "lib/base/result.hpp"
#include "tepui/abi/draft/types.h"

namespace tepui::modules {

/// What a module answered. A code that is not in tepui_status becomes Internal; a missing message says so.
Error error_from_abi(std::int32_t code, const tepui_error& error);

/// Fills a module's struct (cut to its length, causes joined by ": ") and returns the code. A success returns TEPUI_OK.
std::int32_t write_abi_error(const Result<void>& result, tepui_error* error) noexcept;

}  // namespace tepui::modules
