#include "cli/secrets/read_secret.h"

#include <unistd.h>

#include <cerrno>

namespace routerone::cli {

Result<Secret> read_secret(int fd, const std::string& source, std::size_t most) {
  std::string bytes(most + 1, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::read(fd, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorKind::invalid, source + ": it cannot be read");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  Secret secret(std::move(bytes));
  if (filled > most)
    return fail(ErrorKind::invalid,
                source + ": that is more than " + std::to_string(most) + " bytes");
  return secret;
}

}  // namespace routerone::cli
