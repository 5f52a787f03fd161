// Accounts: which uid, gid and supplementary groups a task runs with. Reads the host's databases (nsswitch).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui::sys {

/// The greatest id that is one: 2^31 - 1 and above wrap to negative numbers or to "no change" somewhere (CVE-2024-40635).
inline constexpr std::uint32_t kMaxUserId = 0x7ffffffeU;

struct Account {
  std::string name;  ///< empty for a bare number without an account
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> supplementary_gids;  ///< sorted, each once; does not repeat `gid`
  std::string home;                               ///< empty where unknown
  std::string shell;
};

/// A decimal id without sign, space, leading zero or other base. Errors: InvalidArgument (out of [0, 2^31-2], or no number).
Result<std::uint32_t> parse_user_id(const std::string& text);

/// Resolves a name, or a bare decimal uid. A number without an account gets gid = uid and no groups. Blocks on the
/// databases. [pool] Errors: NotFound (no such account), InvalidArgument (an empty text, "1000:", "-1", an id out of range).
Result<Account> lookup_account(const std::string& name_or_uid);

/// The account of a uid. Errors: NotFound.
Result<Account> account_of_uid(uid_t uid);

}  // namespace tepui::sys
