#include "common/platform/pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace routerone {

Result<std::array<Descriptor, 2>> make_pipe() {
  int ends[2];
  if (::pipe(ends) != 0)
    return fail(ErrorKind::internal, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return std::array{Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace routerone
