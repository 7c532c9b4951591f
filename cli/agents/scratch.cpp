#include "cli/agents/scratch.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "common/core/text.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

Status link_into(const fs::path& target, const fs::path& folder) {
  std::error_code error;
  fs::create_symlink(target, folder / target.filename(), error);
  if (!error) return {};
  return fail(ErrorKind::internal,
              fmt::format("cannot link {} into {}: {}", printable(target.string()),
                          printable(folder.string()), error.message()));
}

bool holds(const std::vector<std::string_view>& names, const fs::path& path) {
  return std::find(names.begin(), names.end(), path.filename().native()) != names.end();
}

}  // namespace

Result<fs::path> write_scratch(const fs::path& scratch, const fs::path& name,
                               std::string_view text) {
  const fs::path file = scratch / name;
  TRY_STATUS(ensure_private_dir(file.parent_path()));
  TRY_STATUS(write_file_atomic(file, text));
  return file;
}

Status make_mirror(const Mirror& mirror) {
  TRY_STATUS(ensure_private_dir(mirror.copy));
  std::error_code error;
  for (const std::string_view name : mirror.lasting) {
    const fs::path folder = mirror.original / name;
    // A folder of another's making may be shared with a group; that is its owner's affair.
    if (!fs::exists(folder, error)) TRY_STATUS(ensure_private_dir(folder));
  }
  for (const auto& entry : fs::directory_iterator(mirror.original, error))
    if (!holds(mirror.left_out, entry.path())) TRY_STATUS(link_into(entry.path(), mirror.copy));
  return {};
}

Result<std::string> text_or(const fs::path& file, std::string none) {
  auto text = read_file(file, 4 << 20);
  if (!text && text.error().kind == ErrorKind::not_found) return none;
  return text;
}

}  // namespace routerone::cli
