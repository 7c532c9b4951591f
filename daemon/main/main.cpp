#include <cstdio>
#include <string>
#include <vector>

#include "daemon/daemon/daemon.h"
#include "daemon/main/arguments.h"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  auto options = routerone::parse_arguments(words);
  if (!options) {
    std::fprintf(stderr, "routeroned: %s\nhint: %s\n", options.error().message.c_str(),
                 options.error().hint.c_str());
    return 2;
  }
  if (!options->print_and_exit.empty()) {
    std::fputs(options->print_and_exit.c_str(), stdout);
    return 0;
  }
  auto daemon = routerone::Daemon::start(std::move(options->daemon));
  if (!daemon) {
    std::fprintf(stderr, "routeroned: %s\n", daemon.error().message.c_str());
    if (!daemon.error().hint.empty()) {
      std::fprintf(stderr, "hint: %s\n", daemon.error().hint.c_str());
    }
    return 1;
  }
  (*daemon)->run();
  return 0;
}
