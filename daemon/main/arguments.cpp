#include "daemon/main/arguments.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "common/config/listen.h"

namespace routerone {
namespace {

constexpr const char* usage =
    "usage: routeroned [--listen ADDR:PORT].. [--control PATH] [--state-dir DIR]\n"
    "                  [--log-level trace|debug|info|warn|error] [--log-format text|json]\n"
    "                  [--log stderr|file] [--metrics ADDR:PORT]\n"
    "\n"
    "The routerone daemon. Usually started by: routerone up\n";

template <std::size_t n>
Status one_of(const std::string& option, const std::string& value,
              const std::array<const char*, n>& allowed) {
  if (std::any_of(allowed.begin(), allowed.end(), [&](const char* word) { return value == word; }))
    return {};
  return fail(ErrorKind::invalid, option + " does not know '" + value + "'", "routeroned --help");
}

Status apply(Arguments& arguments, const std::string& option, const std::string& value) {
  DaemonOptions& daemon = arguments.daemon;
  if (option == "--listen") {
    TRY(const ListenAddress address, parse_listen_address(value));
    daemon.listen.push_back(address);
  } else if (option == "--metrics") {
    TRY(daemon.metrics, parse_listen_address(value));
  } else if (option == "--control") {
    daemon.paths.runtime_dir = std::filesystem::path(value).parent_path();
    if (daemon.paths.control_socket() != value) {
      return fail(ErrorKind::invalid, "--control must name a file called control.sock",
                  "--control " + daemon.paths.control_socket().string());
    }
  } else if (option == "--state-dir") {
    daemon.paths.state_dir = value;
  } else if (option == "--log-level") {
    TRY_STATUS(one_of<5>(option, value, {"trace", "debug", "info", "warn", "error"}));
    daemon.log_level = value;
  } else if (option == "--log-format") {
    TRY_STATUS(one_of<2>(option, value, {"text", "json"}));
    daemon.log_format = value;
  } else if (option == "--log") {
    TRY_STATUS(one_of<2>(option, value, {"stderr", "file"}));
    daemon.log_to_file = value == "file";
  } else {
    return fail(ErrorKind::invalid, "unknown option " + option, "routeroned --help");
  }
  return {};
}

}  // namespace

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  TRY(arguments.daemon.paths, find_paths());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string option = words[i];
    if (option == "--help" || option == "-h") {
      arguments.print_and_exit = usage;
      return arguments;
    }
    if (option == "--version") {
      arguments.print_and_exit = "routeroned " ROUTERONE_VERSION "\n";
      return arguments;
    }
    if (option == "--no-trace") {
      arguments.daemon.record = false;
      continue;
    }
    std::string value;
    if (const std::size_t equals = option.find('='); equals != std::string::npos) {
      value = option.substr(equals + 1);
      option.resize(equals);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    } else {
      return fail(ErrorKind::invalid, option + " needs a value or is not known",
                  "routeroned --help");
    }
    TRY_STATUS(apply(arguments, option, value));
  }
  TRY(arguments.daemon.listen, choose_addresses(arguments.daemon.paths, arguments.daemon.listen));
  arguments.daemon.manager = ServiceManager::of(environment_of_process(), ::getpid());
  return arguments;
}

}  // namespace routerone
