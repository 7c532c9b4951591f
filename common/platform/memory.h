#pragma once

#include <cstdint>
#include <optional>

namespace routerone {

/// Bytes of memory that this process holds now; nullopt where the system does not tell.
std::optional<std::uint64_t> resident_memory();

}  // namespace routerone
