#include "agent/daemon/flags.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>

#include <CLI/CLI.hpp>

#include "lib/base/try.hpp"

namespace tepui::agent {
namespace {

/// `--work_dir=a_b` becomes `--work-dir=a_b`.
std::string with_hyphens(std::string argument) {
  if (!argument.starts_with("--")) return argument;
  const auto end = std::min(argument.find('='), argument.size());
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

Result<void> parse_master(const std::string& text, AgentFlags& flags) {
  const Error wrong(ErrorCode::InvalidArgument, "parse --master '" + text + "': it is not HOST:PORT");
  std::string rest = text.starts_with("http://") ? text.substr(7) : text;
  if (rest.starts_with("zk://")) {
    return Error(ErrorCode::Unimplemented, "parse --master '" + text + "': ZooKeeper is not supported")
        .with_hint("name one master as HOST:PORT");
  }
  const auto colon = rest.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong;
  unsigned port = 0;
  const char* const end = rest.data() + rest.size();
  const auto parsed = std::from_chars(rest.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port == 0 || port > 65535) return wrong;
  flags.master_host = rest.substr(0, colon);
  if (flags.master_host.starts_with('[') && flags.master_host.ends_with(']')) {
    flags.master_host = flags.master_host.substr(1, flags.master_host.size() - 2);
  }
  flags.master_port = static_cast<std::uint16_t>(port);
  return ok();
}

struct TextFlags {
  std::string master;
  std::string log_level = "info";
  std::string log_format = "text";
};

void declare(CLI::App& app, AgentFlags& flags, TextFlags& texts) {
  app.set_version_flag("--version", std::string("tepui-agent ") + TEPUI_VERSION);
  app.add_option("--master", texts.master, "The master as HOST:PORT")->required()->type_name("HOST:PORT");
  app.add_option("--ip", flags.ip, "Address to listen on")->capture_default_str();
  app.add_option("--port", flags.port, "Port to listen on; 0 takes a free one, see WORK_DIR/agent.address")
      ->capture_default_str();
  app.add_option("--work-dir", flags.work_dir, "Where sandboxes and checkpoints are kept")->capture_default_str();
  app.add_option("--runtime-dir", flags.runtime_dir, "Where the state of running containers is kept; best on a tmpfs")
      ->capture_default_str();
  app.add_option("--cgroups-root", flags.cgroups_root, "Name of the agent's own cgroup in every hierarchy")
      ->capture_default_str();
  app.add_option("--hostname", flags.hostname, "Name that offers carry; the system's if not given");
  app.add_option("--resources", flags.resources, "cpus:4;mem:2048;disk:10000;ports:[31000-32000]; the rest is detected");
  app.add_option("--attributes", flags.attributes, "rack:a1;zone:north");
  app.add_option("--isolation", flags.isolation, "Isolators, in order")->capture_default_str();
  app.add_option("--modules", flags.modules, "Modules to load: JSON, or a file of JSON or TOML");
  app.add_option("--modules-dir", flags.modules_dir, "Folder of such files");
  app.add_option("--default-task-user", flags.default_task_user, "Account for tasks that name none")->capture_default_str();
  app.add_flag("--allow-root-tasks", flags.allow_root_tasks, "Let tasks run as root");
  app.add_flag("--allow-insecure", flags.allow_insecure, "Listen on an address others can reach, without authentication");
  app.add_flag("--destroy-on-exit", flags.destroy_on_exit,
               "Destroy every container at the end instead of leaving it for the next start");
  app.add_option("--log-level", texts.log_level, "debug, info, warn or error")->capture_default_str();
  app.add_option("--log-format", texts.log_format, "text or json")->capture_default_str();
}

Result<void> check(const TextFlags& texts, AgentFlags& flags) {
  TEPUI_TRY(parse_master(texts.master, flags));
  if (!log::try_parse_level(texts.log_level, flags.log_level)) {
    return Error(ErrorCode::InvalidArgument, "parse --log-level '" + texts.log_level + "': not debug, info, warn or error");
  }
  if (texts.log_format != "text" && texts.log_format != "json") {
    return Error(ErrorCode::InvalidArgument, "parse --log-format '" + texts.log_format + "': not text or json");
  }
  flags.log_format = texts.log_format == "json" ? log::Format::JsonLines : log::Format::Text;
  TEPUI_ASSIGN(const bool is_private, is_loopback(flags.ip), "parse --ip");
  if (!is_private && !flags.allow_insecure) {
    return Error(ErrorCode::PermissionDenied, "listen on '" + flags.ip + "': others could reach the agent unauthenticated")
        .with_hint("use --ip 127.0.0.1, or pass --allow-insecure");
  }
  return ok();
}

}  // namespace

Result<bool> is_loopback(const std::string& ip) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(ip, error);
  if (error) return Error(ErrorCode::InvalidArgument, "parse address '" + ip + "': it is no IP address");
  return address.is_loopback();
}

Result<std::variant<AgentFlags, AnsweredByParser>> parse_agent_flags(std::vector<std::string> arguments) {
  AgentFlags flags;
  TextFlags texts;
  CLI::App app("Runs tasks in containers on this machine for a Tepui master.", "tepui-agent");
  declare(app, flags, texts);
  std::transform(arguments.begin(), arguments.end(), arguments.begin(), with_hyphens);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from its end
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return AnsweredByParser{app.help()};
  } catch (const CLI::CallForVersion& version) {
    return AnsweredByParser{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    return Error(ErrorCode::InvalidArgument, std::string("parse command line: ") + error.what())
        .with_hint("tepui-agent --help");
  }
  TEPUI_TRY(check(texts, flags));
  return flags;
}

}  // namespace tepui::agent
