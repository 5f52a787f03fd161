// The answer of the probe's child is JSON text: an error's code and message, or the manifest.
#include "lib/modules/module_check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/child_call.hpp"
#include "lib/linux/sys.hpp"
#include "lib/modules/module_library.hpp"

namespace tepui::modules {
namespace {

namespace json = boost::json;

Result<void> check_owner(const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return Error(ErrorCode::PermissionDenied, fmt::format("owned by user {}, neither root nor this process's user", status.st_uid))
        .with_hint("chown root");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error(ErrorCode::PermissionDenied, fmt::format("writable by others (mode {:04o})", status.st_mode & 07777U))
        .with_hint("chmod go-w");
  }
  return ok();
}

Result<ElfFacts> check_open_file(int fd) {
  TEPUI_ASSIGN(const struct stat status, sys::stat_fd(fd));
  if (S_ISREG(status.st_mode)) {
    TEPUI_TRY(check_owner(status));
  }
  TEPUI_ASSIGN(ElfFacts facts, read_elf_facts(fd, TEPUI_MODULE_ENTRY));
  if (!facts.exports_entry) {
    return Error(ErrorCode::InvalidArgument, fmt::format("exports no symbol '{}': not a Tepui module", TEPUI_MODULE_ENTRY));
  }
  if (facts.has_executable_stack) {
    return Error(ErrorCode::InvalidArgument, "asks for an executable stack").with_hint("link with -z noexecstack");
  }
  for (const auto& library : facts.needed) {
    if (library.starts_with("libprotobuf")) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("needs '{}': message types across the door abort the agent", library))
          .with_hint("build the module without protobuf; the C headers of the SDK are all it needs");
    }
  }
  return facts;
}

Result<UniqueFd> open_module(const std::string& file) {
  // O_NONBLOCK: a FIFO must not hold the caller.
  return sys::open_file(file, O_RDONLY | O_NONBLOCK);
}

std::string answer_of(const Result<ModuleLibrary>& library) {
  json::object answer;
  if (!library) {
    // The outermost step is `load module FILE`, which the caller's context says already.
    const Error error = library.error();
    answer["error"] = error.cause() != nullptr ? error.cause()->to_string() : error.to_string();
    return json::serialize(answer);
  }
  const ModuleManifest& manifest = library->manifest();
  answer["name"] = manifest.name;
  answer["version"] = manifest.version;
  answer["description"] = manifest.description;
  answer["abi_major"] = manifest.abi_major;
  answer["abi_minor"] = manifest.abi_minor;
  json::array interfaces;
  for (const auto& id : manifest.interfaces) interfaces.emplace_back(id);
  answer["interfaces"] = std::move(interfaces);
  return json::serialize(answer);
}

std::string text_of(const json::object& answer, std::string_view key) {
  const json::value* value = answer.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

unsigned number_of(const json::object& answer, std::string_view key) {
  const json::value* value = answer.if_contains(key);
  return value != nullptr && value->is_int64() ? static_cast<unsigned>(value->as_int64()) : 0;
}

}  // namespace

Result<ElfFacts> check_module_file(const std::string& file) {
  const std::string context = fmt::format("check module \"{}\"", file);
  TEPUI_ASSIGN(UniqueFd fd, open_module(file), context);
  TEPUI_ASSIGN(ElfFacts facts, check_open_file(fd.borrow()), context);
  return facts;
}

Result<ModuleManifest> probe_module(const std::string& file, std::chrono::milliseconds timeout) {
  const std::string context = fmt::format("probe module \"{}\"", file);
  sys::ChildLimits limits;
  limits.timeout = timeout;
  TEPUI_ASSIGN(const std::string text, sys::call_in_child([&] { return answer_of(ModuleLibrary::load(file)); }, limits),
               context);
  boost::system::error_code failure;
  const json::value parsed = json::parse(text, failure);
  if (failure || !parsed.is_object()) {
    // The module may have ended the child by itself (exit in a constructor).
    return Error(ErrorCode::Internal, "read the child's answer: it ended without one").wrap(context);
  }
  const json::object& answer = parsed.as_object();
  if (answer.contains("error")) return Error(ErrorCode::InvalidArgument, text_of(answer, "error")).wrap(context);
  ModuleManifest manifest;
  manifest.name = text_of(answer, "name");
  manifest.version = text_of(answer, "version");
  manifest.description = text_of(answer, "description");
  manifest.abi_major = number_of(answer, "abi_major");
  manifest.abi_minor = number_of(answer, "abi_minor");
  if (const json::value* interfaces = answer.if_contains("interfaces"); interfaces != nullptr && interfaces->is_array()) {
    for (const auto& id : interfaces->as_array()) {
      if (id.is_string()) manifest.interfaces.emplace_back(id.as_string());
    }
  }
  return manifest;
}

Result<ModuleReport> inspect_module(const std::string& file) {
  ModuleReport report;
  report.file = file;
  TEPUI_ASSIGN(report.elf, check_module_file(file));
  TEPUI_ASSIGN(const struct stat status, sys::stat_at(AT_FDCWD, file));
  report.size_bytes = static_cast<std::uint64_t>(status.st_size);
  report.owner_uid = status.st_uid;
  report.mode = status.st_mode & 07777U;
  TEPUI_ASSIGN(report.manifest, probe_module(file));
  return report;
}

}  // namespace tepui::modules
