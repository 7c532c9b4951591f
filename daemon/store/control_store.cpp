#include "daemon/store/control_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "common/core/text.h"
#include "common/json/json.h"
#include "common/platform/files.h"
#include "daemon/store/control_json.h"

namespace routerone::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t pepper_bytes = 32;
constexpr const char* default_project = "default";
constexpr const char* credential_marks = "#@";

fs::path backup_of(const fs::path& file) {
  auto path = file;
  path += ".bak";
  return path;
}

/// What is wrong, where, and what the reader can do; the file itself is left as it is.
Error explain(const fs::path& file, Error error) {
  error.message = fmt::format("{} cannot be used: {}", file.string(), error.message);
  if (error.kind == ErrorKind::invalid)
    error.hint = fmt::format("mend it by hand, or put back the version before: cp '{}' '{}'",
                             backup_of(file).string(), file.string());
  return error;
}

void add_default_project(ControlData& data) {
  const auto is_default = [](const ProjectRecord& p) { return p.name == default_project; };
  if (std::none_of(data.projects.begin(), data.projects.end(), is_default))
    data.projects.insert(data.projects.begin(), ProjectRecord{default_project, {}});
}

bool fits_file_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), fits);
}

/// The names of a provider and of its credential are parts of a file name.
Result<fs::path> secret_file(const fs::path& dir, const std::string& name) {
  const std::string_view whole = name;
  const std::size_t mark = whole.find_first_of(credential_marks);
  const bool good = fits_file_name(whole.substr(0, mark)) &&
                    (mark == whole.npos || fits_file_name(whole.substr(mark + 1)));
  if (!good)
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" does not name a credential", printable(name, 64)),
                "letters, digits, '.', '_' and '-', at most 64, not beginning with '.'");
  return dir / (name + ".key");
}

}  // namespace

ControlStore::ControlStore(fs::path control_file, fs::path pepper_file, fs::path secrets_dir)
    : control_file_(std::move(control_file)),
      pepper_file_(std::move(pepper_file)),
      secrets_dir_(std::move(secrets_dir)) {}

Result<ControlData> ControlStore::load() const {
  const auto text = read_file(control_file_);
  if (!text && text.error().kind != ErrorKind::not_found) return tl::unexpected(text.error());
  ControlData data;
  if (text) {
    const auto json = parse_json(*text);
    if (!json) return tl::unexpected(explain(control_file_, json.error()));
    auto read = control_from_json(*json);
    if (!read) return tl::unexpected(explain(control_file_, std::move(read).error()));
    data = *std::move(read);
  }
  add_default_project(data);
  return data;
}

Status ControlStore::save(const ControlData& data) const {
  const auto text = control_to_json(data).dump(2, ' ', false, Json::error_handler_t::replace);
  TRY_STATUS(ensure_private_dir(control_file_.parent_path()));
  // The version before, for a person who wants it back. It was whole, so it may replace the backup.
  const auto before = read_file(control_file_);
  if (before && *before != text + "\n")
    TRY_STATUS(write_file_atomic(backup_of(control_file_), *before));
  return write_file_atomic(control_file_, text + "\n");
}

Result<Secret> ControlStore::pepper(Random& random) const {
  auto bytes = read_secret_file(pepper_file_);
  if (bytes && bytes->size() == pepper_bytes) return Secret(*std::move(bytes));
  if (bytes)
    return fail(ErrorKind::invalid,
                fmt::format("{} does not hold {} bytes; without the right ones no key is valid",
                            pepper_file_.string(), pepper_bytes),
                "put it back from a backup, or remove it and make new keys");
  if (bytes.error().kind != ErrorKind::not_found) return tl::unexpected(bytes.error());
  std::array<std::uint8_t, pepper_bytes> fresh{};
  random.fill(fresh);
  std::string text(fresh.begin(), fresh.end());
  Secret made(std::move(text));
  TRY_STATUS(save_pepper(made));
  return made;
}

Status ControlStore::save_pepper(const Secret& pepper) const {
  if (pepper.reveal().size() != pepper_bytes)
    return fail(ErrorKind::invalid, fmt::format("a pepper has {} bytes", pepper_bytes));
  TRY_STATUS(ensure_private_dir(pepper_file_.parent_path()));
  return write_file_atomic(pepper_file_, pepper.reveal());
}

Result<Secret> ControlStore::load_secret(const std::string& name) const {
  TRY(const auto path, secret_file(secrets_dir_, name));
  TRY(auto bytes, read_secret_file(path));
  return Secret(std::move(bytes));
}

Status ControlStore::save_secret(const std::string& name, const Secret& secret) const {
  TRY(const auto path, secret_file(secrets_dir_, name));
  TRY_STATUS(ensure_private_dir(secrets_dir_));
  return write_file_atomic(path, secret.reveal());
}

Status ControlStore::remove_secret(const std::string& name) const {
  TRY(const auto path, secret_file(secrets_dir_, name));
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return fail(ErrorKind::internal,
              fmt::format("cannot remove {}: {}", path.string(), std::strerror(errno)));
}

}  // namespace routerone::store
