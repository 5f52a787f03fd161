#include "agent/containerizer/sandbox.hpp"

#include <array>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>

#include "lib/base/ids.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kSandboxMode = 0700;
constexpr mode_t kOutputMode = 0644;

/// A folder of the agent's own below `parent`, made when missing; a symlink in its place is refused.
Result<UniqueFd> enter_folder(int parent, const std::string& name) {
  const auto made = sys::make_directory_at(parent, name, kFolderMode);
  if (!made && made.error().code() != ErrorCode::AlreadyExists) return made.error();
  TEPUI_ASSIGN(UniqueFd folder, sys::open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (made) {  // whatever the agent's umask is: tasks of other users pass through here
    TEPUI_TRY(sys::change_mode(folder.borrow(), kFolderMode), fmt::format("make '{}' passable", name));
  }
  return folder;
}

/// `latest` points to `name` by a relative link. Launches run side by side: `owner` keeps their temporary names apart, and
/// of two newest ones either may win.
Result<void> point_latest(int folder, const std::string& name, const std::string& owner) {
  const auto present = sys::read_link_at(folder, "latest");
  if (present && *present == name) return ok();
  const std::string temporary = ".latest." + owner;
  const auto removed = sys::unlink_at(folder, temporary);
  if (!removed && removed.error().code() != ErrorCode::NotFound) return removed.error();
  TEPUI_TRY(sys::symlink_at(name, folder, temporary));
  return sys::rename_at(folder, temporary, folder, "latest");
}

Result<UniqueFd> open_output(int sandbox, const std::string& name, const sys::Account& user) {
  TEPUI_ASSIGN(UniqueFd file,
               sys::open_at(sandbox, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, kOutputMode));
  TEPUI_TRY(sys::change_owner(file.borrow(), user.uid, user.gid), fmt::format("own '{}'", name));
  return file;
}

Result<Sandbox> make_sandbox(const std::string& work_dir, const ContainerConfig& config, const sys::Account& user) {
  TEPUI_TRY(check_id("agent", config.agent_id));
  TEPUI_TRY(check_id("framework", config.framework_id));
  TEPUI_TRY(check_id("executor", config.executor_id));
  TEPUI_TRY(check_id("container", config.container_id));
  TEPUI_ASSIGN(UniqueFd folder, sys::open_file(work_dir, O_RDONLY | O_DIRECTORY));
  const std::array<std::string, 7> way{"slaves", config.agent_id, "frameworks", config.framework_id,
                                       "executors", config.executor_id, "runs"};
  for (const std::string& name : way) {
    TEPUI_ASSIGN(UniqueFd inner, enter_folder(folder.borrow(), name));
    if (&name == &way[1]) {  // the agent's folder
      TEPUI_TRY(point_latest(folder.borrow(), name, config.container_id));
    }
    folder = std::move(inner);
  }
  TEPUI_TRY(sys::make_directory_at(folder.borrow(), config.container_id, kSandboxMode));
  Sandbox sandbox;
  sandbox.path = sandbox_path(work_dir, config);
  TEPUI_ASSIGN(sandbox.directory,
               sys::open_at(folder.borrow(), config.container_id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TEPUI_ASSIGN(sandbox.standard_output, open_output(sandbox.directory.borrow(), "stdout", user));
  TEPUI_ASSIGN(sandbox.standard_error, open_output(sandbox.directory.borrow(), "stderr", user));
  TEPUI_ASSIGN(sandbox.standard_input, sys::open_file("/dev/null", O_RDONLY));
  TEPUI_TRY(sys::change_owner(sandbox.directory.borrow(), user.uid, user.gid));
  TEPUI_TRY(point_latest(folder.borrow(), config.container_id, config.container_id));
  return sandbox;
}

}  // namespace

std::string sandbox_path(const std::string& work_dir, const ContainerConfig& config) {
  return fmt::format("{}/slaves/{}/frameworks/{}/executors/{}/runs/{}", work_dir, config.agent_id, config.framework_id,
                     config.executor_id, config.container_id);
}

Result<Sandbox> create_sandbox(const std::string& work_dir, const ContainerConfig& config, const sys::Account& user) {
  auto sandbox = make_sandbox(work_dir, config, user);
  if (!sandbox) return sandbox.error().wrap(fmt::format("create sandbox '{}'", sandbox_path(work_dir, config)));
  return sandbox;
}

}  // namespace tepui::agent
