// Linux: proc(5)'s self/statm. Elsewhere nothing is told.
#include "common/platform/memory.h"

#include <unistd.h>

#include <fstream>

namespace routerone {

std::optional<std::uint64_t> resident_memory() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  const long page = ::sysconf(_SC_PAGESIZE);
  if (!(file >> all >> resident) || page <= 0) return std::nullopt;
  return resident * static_cast<std::uint64_t>(page);
}

}  // namespace routerone
