#pragma once

#include <array>

#include "common/core/result.h"
#include "common/platform/descriptor.h"

namespace routerone {

/// The end to read from and the end to write to, both close-on-exec.
Result<std::array<Descriptor, 2>> make_pipe();

}  // namespace routerone
