// The part of `gather` that looks at folders and files.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "cli/commands/doctor_gather.h"
#include "cli/commands/log_file.h"
#include "common/core/text.h"
#include "common/platform/files.h"
#include "common/platform/process.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

void add_folder(const fs::path& folder, std::vector<FileFacts>& files) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    files.push_back(facts_of(entry.path()));
}

bool is_copy(const fs::path& file) {
  return file.filename().string().find(".db.damaged-") != std::string::npos;
}

void look_into(const fs::path& folder, StateFindings& found) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const FileFacts facts = facts_of(entry.path());
    if (is_copy(entry.path())) found.copies.push_back(facts);
    const std::string name = entry.path().filename().string();
    const bool secret = name == "pepper" || name == "control.json" || name == "secrets";
    (secret ? found.secrets : found.private_files).push_back(facts);
  }
  add_folder(folder / "secrets", found.secrets);
}

void read_control_file(const fs::path& file, StateFindings& found) {
  const auto text = read_file(file);
  if (!text) {
    if (text.error().kind != ErrorKind::not_found) found.control_trouble = text.error().message;
    return;
  }
  const auto json = parse_json(*text);
  if (!json || !json->is_object()) {
    found.control_trouble = json ? "it is not an object" : json.error().message;
    return;
  }
  const auto keys = json->find("keys");
  if (keys != json->end() && keys->is_array()) found.stored_keys = keys->size();
}

/// mountinfo, proc(5): `.. MOUNTPOINT OPTIONS .. - TYPE ..`; the longest mount point around it.
std::string file_system_of(const fs::path& folder) {
  std::ifstream table("/proc/self/mountinfo");
  std::string type;
  std::size_t longest = 0;
  std::error_code failed;
  const std::string real = fs::weakly_canonical(folder, failed).string() + "/";
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string skip, point, word;
    words >> skip >> skip >> skip >> skip >> point;
    while (words >> word && word != "-") {
    }
    words >> word;
    const std::string prefix = point == "/" ? point : point + "/";
    if (prefix.size() >= longest && real.starts_with(prefix)) {
      longest = prefix.size();
      type = word;
    }
  }
  return type;
}

/// The process whose pid stands in the lock's file, if that is a daemon of ours that lives.
int holder_of(const fs::path& lock) {
  const auto text = read_file(lock, 64);
  const auto pid = text ? parse_uint(trim(split(*text, '\n').front())) : std::nullopt;
  if (!pid || *pid == 0 || *pid > 1u << 30 || !process_alive(static_cast<int>(*pid))) return 0;
  std::ifstream name(fmt::format("/proc/{}/comm", *pid));
  std::string word;
  const bool known = static_cast<bool>(std::getline(name, word));
  return !known || word == "routeroned" ? static_cast<int>(*pid) : 0;
}

}  // namespace

FileFacts facts_of(const fs::path& path) {
  FileFacts facts;
  facts.path = path;
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return facts;
  facts.there = true;
  facts.ours = info.st_uid == ::geteuid();
  facts.folder = S_ISDIR(info.st_mode);
  facts.link = S_ISLNK(info.st_mode);
  facts.mode = info.st_mode & 0777U;
  facts.bytes = static_cast<std::uint64_t>(info.st_size);
  return facts;
}

StateFindings gather_state(const Paths& paths) {
  StateFindings found;
  found.folder = facts_of(paths.state_dir);
  found.writable = ::access(paths.state_dir.c_str(), W_OK | X_OK) == 0;
  found.control_file = facts_of(paths.control_file());
  found.pepper = facts_of(paths.pepper());
  found.log = facts_of(paths.log_file());
  found.write_ahead_log = facts_of(paths.database().string() + "-wal");
  look_into(paths.state_dir, found);
  read_control_file(paths.control_file(), found);
  found.file_system = file_system_of(paths.state_dir);
  struct statvfs disk {};
  if (::statvfs(paths.state_dir.c_str(), &disk) == 0) {
    found.free_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    found.free_inodes = disk.f_favail;
    found.inodes = disk.f_files;
  }
  return found;
}

RuntimeFindings gather_runtime(const Paths& paths, std::uint32_t user) {
  RuntimeFindings found;
  found.folder = facts_of(paths.runtime_dir);
  found.socket = facts_of(paths.control_socket());
  add_folder(paths.runtime_dir / "runs", found.scratch);
  found.holder = holder_of(paths.lock_file());
  for (const std::string& folder :
       {fmt::format("/run/user/{}/routerone", user), fmt::format("/tmp/routerone-{}", user)}) {
    const FileFacts socket = facts_of(fs::path(folder) / "control.sock");
    if (folder != paths.runtime_dir && socket.there && socket.ours)
      found.sockets_elsewhere.push_back(socket.path);
  }
  constexpr LogPosition looked_at = 16'384;
  const LogPosition end = end_of(paths.log_file());
  const Error said = last_words_since(paths.log_file(), end - std::min(end, looked_at));
  if (!said.hint.empty()) found.last_words = said.message;
  return found;
}

}  // namespace routerone::cli
