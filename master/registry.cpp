#include "master/registry.hpp"

#include <cerrno>
#include <filesystem>

#include <fmt/format.h>
#include <sqlite3.h>

#include "lib/base/fault.hpp"
#include "lib/base/try.hpp"

namespace tepui::master {
namespace {

constexpr int kSchemaVersion = 1;
/// "tepu", so that another program's database is not taken for a registry (sqlite.org/fileformat.html, "Application ID").
constexpr int kApplicationId = 0x74657075;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// The Error of a failed call. SQLite's own words are kept where no errno says it better.
Error error_of(sqlite3* database, int code, std::string message) {
  const int primary = code & 0xff;
  if (primary == SQLITE_FULL) return Error(ErrorCode::ResourceExhausted, std::move(message), ENOSPC);
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
    return Error(ErrorCode::FailedPrecondition, message + ": another master uses it")
        .with_hint("stop the other tepui-master, or choose another --work-dir");
  }
  if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_MISMATCH) {
    return Error(ErrorCode::DataLoss, fmt::format("{}: {}", message, sqlite3_errstr(code)))
        .with_hint("restore the file from a copy, or move it away to start with an empty registry");
  }
  const int sys_errno = database == nullptr ? 0 : sqlite3_system_errno(database);
  if ((primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) && sys_errno != 0) {
    return Error::from_errno(sys_errno, std::move(message));
  }
  if (primary == SQLITE_READONLY || primary == SQLITE_PERM) return Error(ErrorCode::PermissionDenied, std::move(message), EACCES);
  return Error(ErrorCode::Internal, fmt::format("{}: {}", message, sqlite3_errstr(code)));
}

std::string bytes_of_column(sqlite3_stmt* statement, int column) {
  const void* bytes = sqlite3_column_blob(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

}  // namespace

struct Registry::Impl {
  std::string path;
  Database database;
  Statement put;
  Statement erase;

  [[nodiscard]] Error failed(int code, std::string_view what) const {
    return error_of(database.get(), code, fmt::format("{} registry \"{}\"", what, path));
  }

  Result<void> run(const std::string& sql, std::string_view what) {
    const int code = sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failed(code, what);
    return ok();
  }

  Result<Statement> prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database.get(), sql, -1, &statement, nullptr);
    if (code != SQLITE_OK) return failed(code, "read");
    return Statement(statement);
  }

  /// The first column of the first row.
  Result<std::string> ask(const char* sql) {
    TEPUI_ASSIGN(const Statement statement, prepare(sql));
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return std::string();
    if (code != SQLITE_ROW) return failed(code, "read");
    return bytes_of_column(statement.get(), 0);
  }

  Result<void> change(sqlite3_stmt* statement, const std::string& key, const std::string* value) {
    sqlite3_reset(statement);
    sqlite3_bind_text(statement, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    if (value != nullptr) sqlite3_bind_blob64(statement, 2, value->data(), value->size(), SQLITE_STATIC);
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (code != SQLITE_DONE) return failed(code, "write");
    return ok();
  }

  Result<void> change_all(const std::vector<StoreInRegistry>& changes) {
    for (const StoreInRegistry& one : changes) {
      for (const auto& [key, value] : one.puts) {
        TEPUI_TRY(change(put.get(), key, &value));
      }
      for (const std::string& key : one.erases) {
        TEPUI_TRY(change(erase.get(), key, nullptr));
      }
    }
    return ok();
  }

  /// Makes the table in an empty file; refuses what is not ours.
  Result<void> ensure_schema() {
    TEPUI_ASSIGN(const std::string found_id, ask("PRAGMA application_id"));
    TEPUI_ASSIGN(const std::string found_version, ask("PRAGMA user_version"));
    TEPUI_ASSIGN(const std::string tables, ask("SELECT count(*) FROM sqlite_schema"));
    if (tables == "0" && found_version == "0") {
      return run(fmt::format("BEGIN IMMEDIATE; PRAGMA application_id={}; PRAGMA user_version={};"
                             "CREATE TABLE entries(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID; COMMIT",
                             kApplicationId, kSchemaVersion),
                 "write");
    }
    if (found_id != std::to_string(kApplicationId)) {
      return Error(ErrorCode::DataLoss, fmt::format("read registry \"{}\": it is a database of another program", path));
    }
    if (found_version != std::to_string(kSchemaVersion)) {
      return Error(ErrorCode::DataLoss, fmt::format("read registry \"{}\": its version is {}, this program knows {}", path,
                                                    found_version, kSchemaVersion));
    }
    TEPUI_ASSIGN(const std::string verdict, ask("PRAGMA quick_check(1)"));
    if (verdict != "ok") return failed(SQLITE_CORRUPT, "read");
    return ok();
  }
};

Registry::Registry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Registry::~Registry() = default;

Result<std::unique_ptr<Registry>> Registry::open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, nullptr);
  impl->database.reset(database);
  if (code != SQLITE_OK) return impl->failed(code, "open");
  std::error_code failure;  // principals of frameworks are nobody else's business; the log beside it follows its mode
  std::filesystem::permissions(path, std::filesystem::perms(0600), failure);
  if (failure) return Error::from_errno(failure.value(), fmt::format("protect registry \"{}\"", path));
  // Exclusive: no second master, and no shared-memory file beside it.
  TEPUI_TRY(impl->run("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", "open"));
  TEPUI_TRY(impl->ensure_schema());
  TEPUI_ASSIGN(impl->put, impl->prepare("INSERT OR REPLACE INTO entries(key, value) VALUES(?1, ?2)"));
  TEPUI_ASSIGN(impl->erase, impl->prepare("DELETE FROM entries WHERE key = ?1"));
  // A write that changes nothing: a full disk is found now, not under the first agent.
  TEPUI_TRY(impl->run(fmt::format("BEGIN IMMEDIATE; PRAGMA user_version={}; COMMIT", kSchemaVersion), "write"));
  return std::unique_ptr<Registry>(new Registry(std::move(impl)));
}

Result<RegistryContents> Registry::read() {
  RegistryContents contents;
  TEPUI_ASSIGN(const Statement statement, impl_->prepare("SELECT key, value FROM entries"));
  for (;;) {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return contents;
    if (code != SQLITE_ROW) return impl_->failed(code, "read");
    std::string key = bytes_of_column(statement.get(), 0);
    contents.insert_or_assign(std::move(key), bytes_of_column(statement.get(), 1));
  }
}

Result<void> Registry::write(const std::vector<StoreInRegistry>& changes) {
  TEPUI_TRY(impl_->run("BEGIN IMMEDIATE", "write"));
  TEPUI_FAULT("master.registry.before_commit");
  auto written = impl_->change_all(changes);
  if (written) written = impl_->run("COMMIT", "write");
  if (!written) {
    static_cast<void>(impl_->run("ROLLBACK", "write"));  // fails where SQLite has rolled back itself
    return written.error();
  }
  TEPUI_FAULT("master.registry.after_commit");
  return ok();
}

}  // namespace tepui::master
