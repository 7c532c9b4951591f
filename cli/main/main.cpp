#include <csignal>

#include "cli/commands/run.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(2), told like any other
  return routerone::cli::run(std::vector<std::string>(argv + 1, argv + argc), stdout, stderr);
}
