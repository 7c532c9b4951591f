#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace routerone::cli {

/// A whole run of the program: reads the words, does the command, prints, returns the exit code.
int run(const std::vector<std::string>& words, std::FILE* out, std::FILE* err);

}  // namespace routerone::cli
