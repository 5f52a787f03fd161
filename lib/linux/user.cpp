#include "lib/linux/user.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "lib/base/try.hpp"

namespace tepui::sys {
namespace {

Result<std::vector<std::uint32_t>> read_groups(const std::string& name, gid_t gid) {
  // getgrouplist says how many there are; a second call suffices unless the database grows beside us.
  std::vector<gid_t> groups(64);
  for (int tries = 0; tries < 8; ++tries) {
    int count = static_cast<int>(groups.size());
    if (::getgrouplist(name.c_str(), gid, groups.data(), &count) >= 0) {
      groups.resize(static_cast<std::size_t>(count));
      std::vector<std::uint32_t> others;
      for (const gid_t group : groups) {
        if (group != gid) others.push_back(group);
      }
      std::sort(others.begin(), others.end());
      others.erase(std::unique(others.begin(), others.end()), others.end());
      return others;
    }
    groups.resize(std::max<std::size_t>(static_cast<std::size_t>(count), groups.size() * 2));
  }
  return Error(ErrorCode::ResourceExhausted, fmt::format("list the groups of \"{}\"", name));
}

Result<Account> to_account(const passwd& entry) {
  if (entry.pw_uid > kMaxUserId || entry.pw_gid > kMaxUserId) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("use account \"{}\": uid {} or gid {} is out of range", entry.pw_name, entry.pw_uid,
                             entry.pw_gid));
  }
  Account account{.name = entry.pw_name, .uid = entry.pw_uid, .gid = entry.pw_gid, .supplementary_gids = {},
                  .home = entry.pw_dir, .shell = entry.pw_shell};
  TEPUI_ASSIGN(account.supplementary_gids, read_groups(account.name, entry.pw_gid));
  return account;
}

/// Runs getpwnam_r or getpwuid_r with a buffer that grows.
template <class Ask>
Result<Account> ask_database(Ask ask, const std::string& what) {
  std::string buffer(4096, '\0');
  while (true) {
    passwd entry{};
    passwd* found = nullptr;
    const int outcome = ask(&entry, buffer, &found);
    if (outcome == ERANGE && buffer.size() < (1U << 20U)) {
      buffer.resize(buffer.size() * 2);
      continue;
    }
    if (outcome == EINTR) continue;
    if (found != nullptr) return to_account(*found);
    // Several answers mean "not there" (man 3 getpwnam).
    if (outcome == 0 || outcome == ENOENT || outcome == ESRCH) {
      return Error(ErrorCode::NotFound, fmt::format("find account \"{}\"", what));
    }
    return Error::from_errno(outcome, fmt::format("find account \"{}\"", what));
  }
}

}  // namespace

Result<std::uint32_t> parse_user_id(const std::string& text) {
  const auto wrong = [&] {
    return Error(ErrorCode::InvalidArgument, fmt::format("read user id \"{}\": not a number from 0 to 2147483646", text));
  };
  if (text.empty() || text.size() > 10 || (text.size() > 1 && text[0] == '0')) return wrong();
  std::uint64_t id = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return wrong();
    id = id * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (id > kMaxUserId) return wrong();
  return static_cast<std::uint32_t>(id);
}

Result<Account> lookup_account(const std::string& name_or_uid) {
  const bool starts_like_number =
      !name_or_uid.empty() && (std::string_view("0123456789+- ").find(name_or_uid[0]) != std::string_view::npos);
  if (name_or_uid.empty() || name_or_uid.find_first_of(":\n/") != std::string::npos ||
      name_or_uid.find('\0') != std::string::npos) {
    return Error(ErrorCode::InvalidArgument, fmt::format("use user \"{}\": not a name or uid", name_or_uid));
  }
  if (!starts_like_number) {
    return ask_database(
        [&](passwd* entry, std::string& buffer, passwd** found) {
          return ::getpwnam_r(name_or_uid.c_str(), entry, buffer.data(), buffer.size(), found);
        },
        name_or_uid);
  }
  TEPUI_ASSIGN(const std::uint32_t uid, parse_user_id(name_or_uid));
  auto account = account_of_uid(uid);
  if (!account && account.error().code() == ErrorCode::NotFound) {
    return Account{.name = {}, .uid = uid, .gid = uid, .supplementary_gids = {}, .home = {}, .shell = {}};
  }
  return account;
}

Result<Account> account_of_uid(uid_t uid) {
  return ask_database(
      [&](passwd* entry, std::string& buffer, passwd** found) {
        return ::getpwuid_r(uid, entry, buffer.data(), buffer.size(), found);
      },
      fmt::format("{}", uid));
}

}  // namespace tepui::sys
