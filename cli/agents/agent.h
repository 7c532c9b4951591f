#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace routerone::cli {

/// Where a child finds our daemon, and as whom. `key` is a secret: it goes into the child's
/// environment, or into a file in `Surroundings::scratch`, never into its arguments.
struct Endpoint {
  std::string address;  ///< `127.0.0.1:7411`
  std::string key;
  std::string model;  ///< To be the agent's model; empty: the agent's own choice.
};

/// What an agent's launch may look at. Nothing outside `scratch` is written.
struct Surroundings {
  std::map<std::string, std::string> environment;
  std::filesystem::path home;
  std::filesystem::path scratch;  ///< 0700, the run's own, gone when it ends.
};

/// How to start a child so that it talks to us and to nobody else.
struct Launch {
  std::vector<std::string> command;  ///< Program and arguments.
  std::map<std::string, std::string> set;
  std::vector<std::string> unset;  ///< The agent's other credentials and base URLs.
};

/// The agent is told by the file name of `command.front()`; a program that is none of them gets
/// what SDKs read. Touches only `scratch`. invalid: the command asks for what cannot go through us
/// (a provider or profile of its own), with how to mend it.
Result<Launch> prepare_launch(std::vector<std::string> command, const Endpoint&,
                              const Surroundings&);

}  // namespace routerone::cli
