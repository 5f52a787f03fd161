// Calls the built `tepui` through a shell, as a user does, and keeps what it printed.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "tests/fakes/temp_dir.hpp"

namespace tepui {

struct CommandOutcome {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

/// Everything after `tepui `; quoting is the caller's. A hung command is ended after a minute (exit code 124).
inline CommandOutcome tepui(const std::string& arguments, const std::string& before = "") {
  const TempDir directory;
  const auto read = [&](const char* name) {
    std::ifstream file(directory.path() / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  };
  const std::string command = fmt::format("cd '{0}' && {1} timeout 60 '{2}/bin/tepui' {3} >'{0}/out' 2>'{0}/err' </dev/null",
                                          directory.path().string(), before, TEPUI_BINARY_DIR, arguments);
  const int status = std::system(command.c_str());
  CommandOutcome outcome;
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.out = read("out");
  outcome.err = read("err");
  return outcome;
}

}  // namespace tepui
