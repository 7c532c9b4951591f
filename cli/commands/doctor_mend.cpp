#include "cli/commands/doctor_mend.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "cli/commands/doctor_check.h"
#include "common/platform/files.h"

namespace routerone::cli {

Result<std::string> make_private(const std::vector<FileFacts>& files) {
  std::vector<std::string> names;
  for (const FileFacts& file : files) {
    if (file.link || !file.ours) continue;
    if (::chmod(file.path.c_str(), file.mode & 0700U) != 0)
      return fail(ErrorKind::unauthorized, fmt::format("cannot change the permissions of {}: {}",
                                                       file.path.string(), std::strerror(errno)));
    names.push_back(file.path.filename().string());
  }
  if (names.empty())
    return fail(ErrorKind::unauthorized, "they belong to another user",
                "sudo chown -R \"$USER\" ..");
  return fmt::format("{} now yours alone", some_of(names));
}

Result<std::string> remove_stale_socket(const Paths& paths) {
  TRY(const auto nobody, FileLock::acquire(paths.lock_file()));
  std::error_code failed;
  std::filesystem::remove(paths.control_socket(), failed);
  if (failed) return fail(ErrorKind::internal, "cannot remove the socket: " + failed.message());
  return "removed";
}

Result<std::string> remove_scratch(const std::vector<FileFacts>& folders) {
  std::error_code failed;
  for (const FileFacts& folder : folders) {
    std::filesystem::remove_all(folder.path, failed);
    if (failed)
      return fail(ErrorKind::internal,
                  fmt::format("cannot remove {}: {}", folder.path.string(), failed.message()));
  }
  return fmt::format("{} removed", folders.size());
}

}  // namespace routerone::cli
