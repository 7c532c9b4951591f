// Checks: do the folders and files of ours stand as they must?
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "cli/commands/doctor_check.h"
#include "cli/commands/doctor_mend.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;
constexpr std::uint64_t too_little_disk = 64 * mebibyte, little_disk = 512 * mebibyte;
constexpr std::uint64_t few_inodes = 1'000;
constexpr std::uint64_t large_log = 64 * mebibyte;
constexpr std::uint64_t pepper_bytes = 32;

std::string mode_of(const FileFacts& file) {
  return fmt::format("{} ({:04o})", file.path.string(), file.mode);
}

/// Those that others may read or write, or that are others'.
std::vector<FileFacts> shared_of(const std::vector<FileFacts>& files) {
  std::vector<FileFacts> shared;
  for (const FileFacts& file : files)
    if (file.there && !file.link && (!file.ours || (file.mode & 077U) != 0)) shared.push_back(file);
  return shared;
}

std::string names_of(const std::vector<FileFacts>& files) {
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const FileFacts& file : files) names.push_back(mode_of(file));
  return some_of(names);
}

std::string take_back(const std::vector<FileFacts>& files) {
  std::string names;
  bool ours = true;
  for (const FileFacts& file : files) {
    names += " " + shell_word(file.path.string());
    ours = ours && file.ours;
  }
  return (ours ? "" : "sudo chown \"$USER\"" + names + " && ") + "chmod go=" + names;
}

Verdict private_folder(const FileFacts& folder) {
  const std::string name = folder.path.string();
  if (!folder.there) return skipped(name + " is not there yet; routerone up makes it");
  if (folder.link || !folder.folder)
    return broken(name + (folder.link ? " is a link" : " is not a folder"),
                  "mv " + shell_word(name) + " " + shell_word(name + ".old"));
  if (!folder.ours)
    return broken(name + " belongs to another user", "sudo chown \"$USER\" " + shell_word(name));
  if ((folder.mode & 077U) != 0)
    return broken("others may look into " + mode_of(folder), "chmod 700 " + shell_word(name));
  return fine(mode_of(folder));
}

Verdict state_folder(const Findings& found) {
  Verdict verdict = private_folder(found.state.folder);
  if (verdict.kind != Verdict::Kind::ok || found.state.writable) return verdict;
  return broken(found.state.folder.path.string() + " cannot be written to",
                "chmod 700 " + shell_word(found.state.folder.path.string()));
}

Result<std::string> mend_state_folder(Call&, const Findings& found) {
  FileFacts folder = found.state.folder;
  folder.mode = 0700;
  return make_private({folder});
}

Verdict runtime_folder(const Findings& found) { return private_folder(found.runtime.folder); }

Result<std::string> mend_runtime_folder(Call&, const Findings& found) {
  return make_private({found.runtime.folder});
}

/// SQLite's write-ahead log needs memory that all its users share: no network has that.
Verdict state_file_system(const Findings& found) {
  constexpr std::array remote = {"nfs", "nfs4", "cifs", "smb3",      "smbfs",
                                 "9p",  "afs",  "ceph", "fuse.sshfs"};
  const std::string& type = found.state.file_system;
  if (type.empty()) return skipped("the system does not tell");
  if (std::find(remote.begin(), remote.end(), type) == remote.end()) return fine(type);
  return broken(fmt::format("{} is on {}, where a database can be damaged",
                            found.state.folder.path.string(), type),
                "set XDG_STATE_HOME to a folder on a disk of this machine");
}

Verdict disk_space(const Findings& found) {
  const StateFindings& state = found.state;
  if (!state.folder.there) return skipped("there is no state folder yet");
  const std::string left = fmt::format("{} MiB free", state.free_bytes / mebibyte);
  const std::string mend = "free some space: df -h " + shell_word(state.folder.path.string());
  if (state.free_bytes < too_little_disk)
    return broken(left + "; traces cannot be written when it is full", mend);
  if (state.inodes > 0 && state.free_inodes < few_inodes)
    return broken(fmt::format("room for {} more files", state.free_inodes),
                  "df -i " + shell_word(state.folder.path.string()));
  if (state.free_bytes < little_disk) return doubtful(left, mend);
  return fine(left);
}

Verdict secret_files(const Findings& found) {
  const auto shared = shared_of(found.state.secrets);
  if (shared.empty()) return fine(fmt::format("{} looked at", found.state.secrets.size()));
  return broken("others may read " + names_of(shared) + "; the daemon refuses such files",
                take_back(shared));
}

Result<std::string> mend_secret_files(Call&, const Findings& found) {
  return make_private(shared_of(found.state.secrets));
}

Verdict private_files(const Findings& found) {
  const auto shared = shared_of(found.state.private_files);
  if (shared.empty()) return fine(fmt::format("{} looked at", found.state.private_files.size()));
  return doubtful("others may read " + names_of(shared), take_back(shared));
}

Result<std::string> mend_private_files(Call&, const Findings& found) {
  return make_private(shared_of(found.state.private_files));
}

Verdict control_file(const Findings& found) {
  const FileFacts& file = found.state.control_file;
  const std::string name = file.path.string();
  if (!found.state.control_trouble.empty())
    return broken(
        fmt::format("{}: {}; no daemon starts with it", name, found.state.control_trouble),
        fmt::format("put back the version before: cp {} {}", shell_word(name + ".bak"),
                    shell_word(name)));
  if (!file.there) return fine("nothing is set yet");
  return fine(fmt::format("{} bytes, {} keys", file.bytes, found.state.stored_keys));
}

Verdict pepper(const Findings& found) {
  const FileFacts& file = found.state.pepper;
  const std::string mend = "put " + shell_word(file.path.string()) +
                           " back from a backup, else make new keys: routerone keys rotate NAME";
  if (!file.there && found.state.stored_keys == 0) return fine("made with the first key");
  if (!file.there)
    return broken(fmt::format("{} is gone: none of the {} keys is valid without it",
                              file.path.string(), found.state.stored_keys),
                  mend);
  if ((file.mode & 077U) != 0 || !file.ours) return skipped("see secret-files");
  if (file.bytes != pepper_bytes)
    return broken(
        fmt::format("{} has {} bytes instead of {}", file.path.string(), file.bytes, pepper_bytes),
        mend);
  const Json& daemon = part_of(found.daemon.checkup, "pepper");
  const std::string trouble = text_of(daemon, "trouble");
  if (!trouble.empty()) return broken(trouble, mend);
  if (!flag_of(daemon, "same", true))
    return broken(file.path.string() +
                      " is not the one the daemon works with: after a restart no key is valid",
                  mend);
  return fine(fmt::format("{} bytes", file.bytes));
}

Verdict log_size(const Findings& found) {
  const FileFacts& log = found.state.log;
  if (!log.there) return fine("there is none");
  const std::string size = fmt::format("{} MiB", log.bytes / mebibyte);
  if (log.bytes < large_log) return fine(size);
  return doubtful(size, "routerone logs, to see what fills it; then: routerone restart");
}

Verdict control_socket(const Findings& found) {
  const FileFacts& socket = found.runtime.socket;
  const std::string name = socket.path.string();
  if (!socket.there) return skipped("there is no control socket");
  if (!socket.ours)
    return broken(name + " belongs to another user",
                  "export XDG_RUNTIME_DIR to a folder of your own");
  if (socket.link || socket.folder) return broken(name + " is no socket", "rm " + shell_word(name));
  if ((socket.mode & 077U) != 0)
    return broken("others may talk to " + mode_of(socket), "chmod 600 " + shell_word(name));
  return fine(mode_of(socket));
}

Result<std::string> mend_control_socket(Call&, const Findings& found) {
  return make_private({found.runtime.socket});
}

Verdict stale_socket(const Findings& found) {
  const FileFacts& socket = found.runtime.socket;
  if (!socket.there) return fine("no socket is left over");
  if (found.daemon.state != DaemonFindings::State::absent || found.runtime.holder != 0)
    return fine("somebody is behind it");
  return doubtful(socket.path.string() + " was left by a daemon that was killed",
                  "rm " + shell_word(socket.path.string()));
}

Result<std::string> mend_stale_socket(Call& call, const Findings&) {
  return remove_stale_socket(call.paths());
}

/// Folders of runs that are not under way: each holds the settings of an agent, with its key.
std::vector<FileFacts> left_scratch(const Findings& found) {
  std::set<std::string> live;
  for (const Json& key : found.daemon.keys)
    if (text_of(key, "kind") == "run" && text_of(key, "state") == "active")
      live.insert(text_of(key, "id"));
  std::vector<FileFacts> left;
  for (const FileFacts& folder : found.runtime.scratch)
    if (!live.contains(folder.path.filename().string())) left.push_back(folder);
  return left;
}

Verdict run_leftovers(const Findings& found) {
  if (found.runtime.scratch.empty()) return fine("nothing is left of runs");
  if (found.daemon.keys.is_null()) return unasked(found);
  const auto left = left_scratch(found);
  if (left.empty()) return fine(fmt::format("{} runs under way", found.runtime.scratch.size()));
  return doubtful(fmt::format("{} of runs that were killed, with their settings", left.size()),
                  "rm -r " + shell_word(left.front().path.string()));
}

Result<std::string> mend_run_leftovers(Call&, const Findings& found) {
  return remove_scratch(left_scratch(found));
}

}  // namespace

std::vector<Check> file_checks() {
  return {
      {"state-folder", "the state folder is yours alone and can be written", state_folder,
       mend_state_folder},
      {"state-file-system", "the state folder is on a disk of this machine", state_file_system},
      {"disk-space", "there is room for traces", disk_space},
      {"secret-files", "nobody else may read what is secret", secret_files, mend_secret_files},
      {"private-files", "nobody else may read traces and logs", private_files, mend_private_files},
      {"control-file", "control.json reads", control_file},
      {"pepper", "what keys are checked with is there", pepper},
      {"log-size", "the log is not large", log_size},
      {"runtime-folder", "the runtime folder is yours alone", runtime_folder, mend_runtime_folder},
      {"control-socket", "the control socket is yours alone", control_socket, mend_control_socket},
      {"stale-socket", "no socket is left of a killed daemon", stale_socket, mend_stale_socket},
      {"run-leftovers", "nothing is left of killed runs", run_leftovers, mend_run_leftovers},
  };
}

}  // namespace routerone::cli
