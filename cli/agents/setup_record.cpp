#include "cli/agents/setup_record.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

#include "common/core/text.h"
#include "common/json/json.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

std::string shown(const fs::path& path) { return printable(path.string(), 256); }

/// The bytes but for the times of last use that some programs keep in the file: writing those is no
/// change of the user's.
std::string without_times(std::string_view bytes) {
  constexpr std::string_view start = "\"updatedAt\": \"";
  std::string rest;
  for (std::size_t at = bytes.find(start); at != bytes.npos; at = bytes.find(start)) {
    rest += bytes.substr(0, at + start.size());
    bytes.remove_prefix(at + start.size());
    bytes.remove_prefix(std::min(bytes.find('"'), bytes.size()));
  }
  return rest.append(bytes);
}

/// FNV-1a: tells whether a person has edited a file since, not whether an enemy has.
std::string fingerprint(std::string_view bytes) {
  const std::string text = without_times(bytes);
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211U;
  }
  return fmt::format("{:016x}-{}", hash, text.size());
}

fs::path manifest_of(const fs::path& folder) { return folder / "manifest.json"; }
fs::path backup_of(const fs::path& folder, std::size_t number) {
  return folder / fmt::format("{}.backup", number);
}

/// The file itself, wherever links lead.
Result<fs::path> target_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  const fs::path target = fs::canonical(path, error);
  if (!error) return target;
  return fail(ErrorKind::invalid,
              fmt::format("{} is a link that leads nowhere: {}", shown(path), error.message()));
}

Status check_ours(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || info.st_uid == ::geteuid()) return {};
  return fail(ErrorKind::unauthorized, fmt::format("{} belongs to another user", shown(path)),
              "run routerone as that user");
}

Result<std::optional<std::string>> content_of(const fs::path& path) {
  auto text = read_file(path);
  if (text) return std::optional(std::move(*text));
  if (text.error().kind == ErrorKind::not_found) return std::optional<std::string>();
  return tl::unexpected(std::move(text).error());
}

std::optional<unsigned> mode_of(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return info.st_mode & 07777U;
}

Status write(const fs::path& path, std::string_view bytes, unsigned mode) {
  TRY(const fs::path target, target_of(path));
  TRY_STATUS(check_ours(target));
  std::error_code error;
  if (!fs::exists(target.parent_path(), error))
    TRY_STATUS(ensure_private_dir(target.parent_path()));
  TRY_STATUS(check_ours(target.parent_path()));
  TRY_STATUS(write_file_atomic(target, bytes));
  if (::chmod(target.c_str(), mode) == 0) return {};
  return fail(ErrorKind::internal, fmt::format("cannot set the permissions of {}: {}",
                                               shown(target), std::strerror(errno)));
}

Status remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (!error) return {};
  return fail(ErrorKind::internal,
              fmt::format("cannot remove {}: {}", shown(path), error.message()));
}

Status put_back(const SetupRecord::File& file, const fs::path& backup) {
  if (!file.mode) return remove_file(file.path);
  TRY(const std::string bytes, read_file(backup));
  return write(file.path, bytes, *file.mode);
}

Status write_record(const fs::path& folder, const SetupRecord& record) {
  Json files = Json::array();
  for (const SetupRecord::File& file : record.files) {
    files.push_back({{"path", file.path.string()},
                     {"mode", file.mode ? Json(*file.mode) : Json()},
                     {"written", file.written}});
  }
  const Json whole = {
      {"schema", 1}, {"key", record.key}, {"key_made", record.key_made}, {"files", files}};
  return write_file_atomic(manifest_of(folder), whole.dump(2) + "\n");
}

/// Notes what a file is before it is changed for the first time.
Status keep(SetupRecord& record, const fs::path& folder, const FileChange& change) {
  const auto known = std::find_if(record.files.begin(), record.files.end(),
                                  [&](const auto& file) { return file.path == change.file; });
  if (known != record.files.end()) {
    known->written = fingerprint(change.after);
    return {};
  }
  if (change.before)
    TRY_STATUS(write_file_atomic(backup_of(folder, record.files.size()), *change.before));
  record.files.push_back({change.file, mode_of(change.file), fingerprint(change.after)});
  return {};
}

Status write_change(const FileChange& change) {
  TRY(const auto now, content_of(change.file));
  if (now != change.before)
    return fail(ErrorKind::conflict,
                fmt::format("{} has just been changed by another program", shown(change.file)),
                "run the command again");
  // A file that holds a key is nobody else's to read, whatever it was before.
  const unsigned mode = mode_of(change.file).value_or(0600);
  return write(change.file, change.after, change.holds_key ? mode & 0700U : mode);
}

/// Takes back what `write_change` did to the first files of a plan.
Status unwrite(const std::vector<FileChange>& changes, std::size_t count,
               const std::vector<std::optional<unsigned>>& modes) {
  for (std::size_t number = 0; number < count; ++number) {
    const FileChange& change = changes[number];
    if (change.before == change.after) continue;
    TRY_STATUS(modes[number] ? write(change.file, *change.before, *modes[number])
                             : remove_file(change.file));
  }
  return {};
}

Status write_changes(const std::vector<FileChange>& changes) {
  std::vector<std::optional<unsigned>> modes;
  for (const FileChange& change : changes) modes.push_back(mode_of(change.file));
  for (std::size_t number = 0; number < changes.size(); ++number) {
    if (changes[number].before == changes[number].after) continue;
    auto written = write_change(changes[number]);
    if (written) continue;
    TRY_STATUS(unwrite(changes, number, modes));
    return written;
  }
  return {};
}

Result<SetupRecord> record_of(const Json& whole) {
  SetupRecord record;
  try {
    record.key = whole.at("key").get<std::string>();
    record.key_made = whole.at("key_made").get<bool>();
    for (const Json& file : whole.at("files")) {
      const Json& mode = file.at("mode");
      record.files.push_back({file.at("path").get<std::string>(),
                              mode.is_null() ? std::nullopt : std::optional(mode.get<unsigned>()),
                              file.at("written").get<std::string>()});
    }
  } catch (const Json::exception&) {
    return fail(ErrorKind::invalid, "it is not what routerone setup writes");
  }
  return record;
}

}  // namespace

Result<std::optional<SetupRecord>> read_record(const fs::path& folder) {
  TRY(const auto text, content_of(manifest_of(folder)));
  if (!text) return std::optional<SetupRecord>();
  const auto json = parse_json(*text);
  auto record = json ? record_of(*json) : Result<SetupRecord>(tl::unexpected(json.error()));
  if (record) return std::optional(std::move(*record));
  return fail(ErrorKind::invalid,
              fmt::format("{}: {}", shown(manifest_of(folder)), record.error().message),
              "the backups stand beside it; put them back by hand and remove the folder");
}

Status apply_setup(const fs::path& folder, const SetupPlan& plan, const std::string& key,
                   bool key_made) {
  TRY_STATUS(ensure_private_dir(folder));
  TRY(const auto earlier, read_record(folder));
  SetupRecord record = earlier.value_or(SetupRecord{});
  record.key_made = key_made || (earlier && earlier->key_made && earlier->key == key);
  record.key = key;
  for (const FileChange& change : plan.files)
    if (change.before != change.after) TRY_STATUS(keep(record, folder, change));
  // First what is needed to take it back, then the files themselves.
  TRY_STATUS(write_record(folder, record));
  auto written = write_changes(plan.files);
  if (written) return {};
  std::error_code error;
  if (!earlier) fs::remove_all(folder, error);
  if (earlier) (void)write_record(folder, *earlier);
  return written;
}

Status check_undo(const SetupRecord& record, const fs::path& folder) {
  for (std::size_t number = 0; number < record.files.size(); ++number) {
    const SetupRecord::File& file = record.files[number];
    TRY(const auto now, content_of(file.path));
    if (now && fingerprint(*now) == file.written) continue;
    TRY(const auto before, content_of(backup_of(folder, number)));
    if (now == before) continue;  // never written, or put back already
    return fail(ErrorKind::conflict,
                fmt::format("{} {} since routerone wrote it", shown(file.path),
                            now ? "has been changed" : "has been removed"),
                "take the change back, or --undo --force to lose it");
  }
  return {};
}

Status undo_setup(const SetupRecord& record, const fs::path& folder) {
  for (std::size_t number = 0; number < record.files.size(); ++number)
    TRY_STATUS(put_back(record.files[number], backup_of(folder, number)));
  std::error_code error;
  fs::remove_all(folder, error);
  return {};
}

}  // namespace routerone::cli
