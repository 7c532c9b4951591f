// Where the running program's file is: the one thing here that each system answers in its own way.
#include <fmt/format.h>

#include "common/platform/process.h"

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

namespace routerone {

Result<std::filesystem::path> executable_path() {
  std::error_code error;
#ifdef __APPLE__
  std::string raw(4096, '\0');
  auto size = static_cast<std::uint32_t>(raw.size());
  if (::_NSGetExecutablePath(raw.data(), &size) != 0)
    return fail(ErrorKind::internal, "the path of this program is too long");
  auto path = std::filesystem::canonical(raw.c_str(), error);
#else
  auto path = std::filesystem::read_symlink("/proc/self/exe", error);
#endif
  if (error)
    return fail(ErrorKind::internal,
                fmt::format("cannot find the file of this program: {}", error.message()));
  return path;
}

}  // namespace routerone
