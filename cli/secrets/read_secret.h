#pragma once

#include <string>

#include "common/core/result.h"
#include "common/core/secret.h"

namespace routerone::cli {

/// Everything `fd` gives until its end, in one buffer that is never copied on the way. invalid, in
/// the words of `source`, if it is more than `most` bytes or cannot be read.
Result<Secret> read_secret(int fd, const std::string& source, std::size_t most = 64 << 10);

}  // namespace routerone::cli
