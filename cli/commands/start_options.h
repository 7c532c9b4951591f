#pragma once

#include <vector>

#include "cli/commands/command.h"

namespace routerone::cli {

/// What every command takes that starts the daemon in so many words.
inline std::vector<Option> start_options() {
  return {{"listen",
           {"ADDR:PORT", Value::Kind::address},
           "where; 127.0.0.1:7411 and [::1]:7411 unless said",
           true},
          {"next-free", "", "if the port is taken, use the next one that is free"},
          {"metrics",
           {"ADDR:PORT", Value::Kind::address},
           "serve metrics there as well, in Prometheus' words, until it is stopped"},
          {"own-process", "", "not as a systemd unit"},
          {"foreground", "", "stay in this terminal"}};
}

}  // namespace routerone::cli
