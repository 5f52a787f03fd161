#include "master/flags.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include "lib/base/duration_text.hpp"
#include "lib/base/try.hpp"
#include "lib/model/resources_text.hpp"
#include "lib/model/roles.hpp"

namespace tepui::master {
namespace {

/// `--work_dir=a_b` becomes `--work-dir=a_b`.
std::string with_hyphens(std::string argument) {
  if (!argument.starts_with("--")) return argument;
  const auto end = std::min(argument.find('='), argument.size());
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

/// Flags whose text is read after CLI11 is done.
struct Texts {
  std::string hostname;
  std::string allocation_interval = "1secs";
  std::string agent_reregister_timeout = "75secs";
  std::string agent_recovery_timeout = "10mins";
  std::string offer_timeout;
  std::string weights;
  std::string min_allocatable = "cpus:0.01|mem:32";
  std::string log_level = "info";
  std::string log_format = "text";
  std::uint64_t body_limit_mebibytes = 64;
  bool is_insecure_allowed = false;
};

void declare(CLI::App& app, MasterFlags& flags, Texts& texts) {
  app.set_version_flag("--version", std::string("tepui-master ") + TEPUI_VERSION);
  app.add_option("--ip", flags.ip, "Address to listen on")->capture_default_str();
  app.add_option("--port", flags.port, "Port to listen on; 0 takes a free one, see WORK_DIR/master.address")
      ->capture_default_str();
  app.add_option("--work-dir", flags.work_dir,
                 "Where the registry is kept; the address in use is written to master.address in it")
      ->capture_default_str();
  app.add_option("--hostname", texts.hostname, "Name that clients are told; the address if not given");
  app.add_flag("--allow-insecure", texts.is_insecure_allowed,
               "Listen on an address others can reach, without authentication");
  app.add_option("--allocation-interval", texts.allocation_interval, "How often everything is offered that is free")
      ->capture_default_str();
  app.add_option("--agent-reregister-timeout", texts.agent_reregister_timeout,
                 "How long a lost agent may take to come back before its tasks are unreachable")
      ->capture_default_str();
  app.add_option("--agent-recovery-timeout", texts.agent_recovery_timeout,
                 "The same after a start of the master, for agents it knew before")
      ->capture_default_str();
  app.add_option("--offer-timeout", texts.offer_timeout, "Rescind offers nobody answers for so long; never if not given");
  app.add_option("--weights", texts.weights, "Shares of roles, 1 where not named: prod=2,dev=0.5");
  app.add_option("--min-allocatable-resources", texts.min_allocatable,
                 "What makes an offer worthwhile: amounts joined by ';' that must all be there, alternatives by '|'")
      ->capture_default_str();
  app.add_option("--body-limit", texts.body_limit_mebibytes, "Largest request body, in MiB")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--log-level", texts.log_level, "debug, info, warn or error")->capture_default_str();
  app.add_option("--log-format", texts.log_format, "text or json")->capture_default_str();
}

Result<std::chrono::nanoseconds> duration_of(std::string_view flag, const std::string& text) {
  TEPUI_ASSIGN(const auto duration, parse_duration(text), fmt::format("parse --{} '{}'", flag, text));
  if (duration <= std::chrono::nanoseconds::zero()) {
    return Error(ErrorCode::InvalidArgument, fmt::format("parse --{} '{}': it must be more than zero", flag, text));
  }
  return duration;
}

std::vector<std::string> pieces_of(const std::string& text, char separator) {
  std::vector<std::string> pieces;
  std::istringstream stream(text);
  for (std::string piece; std::getline(stream, piece, separator);) {
    if (!piece.empty()) pieces.push_back(piece);
  }
  return pieces;
}

Result<std::map<std::string, double>> weights_of(const std::string& text) {
  std::map<std::string, double> weights;
  for (const std::string& piece : pieces_of(text, ',')) {
    const auto equals = piece.find('=');
    if (equals == std::string::npos) {
      return Error(ErrorCode::InvalidArgument, fmt::format("parse --weights '{}': '{}' is not ROLE=WEIGHT", text, piece));
    }
    const std::string role = piece.substr(0, equals);
    TEPUI_TRY(check_role(role), fmt::format("parse --weights '{}'", text));
    TEPUI_ASSIGN(const Scalar weight, Scalar::parse(piece.substr(equals + 1)), fmt::format("parse --weights '{}'", text));
    if (weight.is_zero()) {
      return Error(ErrorCode::InvalidArgument, fmt::format("parse --weights '{}': '{}' must be above zero", text, piece));
    }
    weights[role] = weight.value();
  }
  return weights;
}

Result<MinAllocatable> min_allocatable_of(const std::string& text) {
  MinAllocatable alternatives;
  for (const std::string& alternative : pieces_of(text, '|')) {
    TEPUI_ASSIGN(const Resources resources, parse_resources(alternative),
                 fmt::format("parse --min-allocatable-resources '{}'", text));
    alternatives.push_back(resources.scalar_quantities());
  }
  return alternatives;
}

Result<void> check_address(const MasterFlags& flags, bool is_insecure_allowed) {
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(flags.ip, failure);
  if (failure) return Error(ErrorCode::InvalidArgument, fmt::format("parse --ip '{}': it is no IP address", flags.ip));
  if (!address.is_loopback() && !is_insecure_allowed) {
    return Error(ErrorCode::PermissionDenied,
                 fmt::format("listen on '{}': others could reach the master unauthenticated", flags.ip))
        .with_hint("use --ip 127.0.0.1, or pass --allow-insecure");
  }
  return ok();
}

Result<void> check(const Texts& texts, MasterFlags& flags) {
  TEPUI_TRY(check_address(flags, texts.is_insecure_allowed));
  MasterConfig& config = flags.config;
  config.hostname = texts.hostname.empty() ? flags.ip : texts.hostname;
  flags.body_limit_bytes = texts.body_limit_mebibytes << 20U;
  TEPUI_ASSIGN(config.allocation_interval, duration_of("allocation-interval", texts.allocation_interval));
  TEPUI_ASSIGN(config.agent_reregister_timeout, duration_of("agent-reregister-timeout", texts.agent_reregister_timeout));
  TEPUI_ASSIGN(config.agent_recovery_timeout, duration_of("agent-recovery-timeout", texts.agent_recovery_timeout));
  if (!texts.offer_timeout.empty()) {
    TEPUI_ASSIGN(config.offer_timeout, duration_of("offer-timeout", texts.offer_timeout));
  }
  TEPUI_ASSIGN(config.role_weights, weights_of(texts.weights));
  TEPUI_ASSIGN(config.min_allocatable, min_allocatable_of(texts.min_allocatable));
  if (!log::try_parse_level(texts.log_level, flags.log_level)) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("parse --log-level '{}': not debug, info, warn or error", texts.log_level));
  }
  if (texts.log_format != "text" && texts.log_format != "json") {
    return Error(ErrorCode::InvalidArgument, fmt::format("parse --log-format '{}': not text or json", texts.log_format));
  }
  flags.log_format = texts.log_format == "json" ? log::Format::JsonLines : log::Format::Text;
  return ok();
}

}  // namespace

Result<std::variant<MasterFlags, AnsweredByParser>> parse_master_flags(std::vector<std::string> arguments) {
  MasterFlags flags;
  Texts texts;
  CLI::App app("Offers the resources of agents to frameworks and tells them what became of their tasks.", "tepui-master");
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
        .with_hint("tepui-master --help");
  }
  TEPUI_TRY(check(texts, flags));
  return flags;
}

}  // namespace tepui::master
