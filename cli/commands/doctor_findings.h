#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/config/paths.h"
#include "common/core/clock.h"
#include "common/core/result.h"
#include "common/json/json.h"
#include "common/platform/environment.h"

namespace routerone::cli {

/// What `doctor` has looked at, gathered once; its checks judge this and nothing else. No secret is
/// in it but the environment, of which evidence names variables, never values that are keys.

/// A file or folder as it stands.
struct FileFacts {
  std::filesystem::path path;
  bool there = false, ours = false, folder = false, link = false;
  unsigned mode = 0;  ///< Permissions: 0600.
  std::uint64_t bytes = 0;
};

struct ProgramFindings {
  std::filesystem::path own;                    ///< Links resolved.
  std::optional<std::filesystem::path> daemon;  ///< The one that `up` would start.
  std::string daemon_version;                   ///< As it says itself; empty: it does not.
  std::vector<std::filesystem::path> on_path;   ///< Each `routerone` in the order of PATH.
};

struct StateFindings {
  FileFacts folder;
  bool writable = false;
  FileFacts control_file, pepper, log, write_ahead_log;
  std::string control_trouble;     ///< Why control.json is not JSON; empty: it is, or is not there.
  std::size_t stored_keys = 0;     ///< In control.json.
  std::vector<FileFacts> secrets;  ///< What the daemon refuses to read if others may.
  std::vector<FileFacts> private_files;  ///< What else is nobody's to read.
  std::vector<FileFacts> copies;         ///< Damaged databases that were put aside.
  std::string file_system;               ///< `ext4`, `nfs4`; empty: the system does not tell.
  std::uint64_t free_bytes = 0, free_inodes = 0, inodes = 0;
};

struct RuntimeFindings {
  FileFacts folder, socket;
  std::vector<FileFacts> scratch;  ///< Folders of runs; their names are the runs' ids.
  int holder = 0;                  ///< The daemon that has this state folder, by its lock; 0: none.
  std::vector<std::filesystem::path> sockets_elsewhere;  ///< Where else one of ours may listen.
  std::string last_words;  ///< What a daemon that did not start said; empty: nothing.
};

/// Answers of the daemon; null: it was not asked or did not answer.
struct DaemonFindings {
  enum class State { answers, absent, silent, foreign };
  State state = State::absent;
  Error why;  ///< Why it does not answer.
  Json status, checkup, keys, providers, budgets, usage, newest;
};

struct PortFindings {
  struct Port {
    std::string address;
    std::string trouble;  ///< Empty: it is the daemon's.
  };
  std::vector<Port> proved;
  std::vector<std::string> taken;  ///< Where the daemon would listen and another does, and who.
  /// Someone listens at [::1] and one of the daemon's ports, and it is not the daemon.
  std::vector<std::string> strangers;
};

/// What `setup` wrote for a tool.
struct SetupFindings {
  std::string tool, key;
  std::string trouble;                 ///< Why its record or a file does not read.
  std::vector<std::string> addresses;  ///< Of this machine that stand in its files.
};

/// What is installed for this user alone, as this version would write it or not.
struct InstalledFindings {
  struct File {
    std::filesystem::path path;
    std::string mend;  ///< The command that writes it anew.
    bool current = true;
  };
  std::vector<File> completions;
  std::optional<File> unit;  ///< The user's own, whoever wrote it.
  std::string unit_program;  ///< What it starts, if that is not there; else empty.
  bool lingers = false;      ///< Does what the user runs outlive the last login?
};

struct Findings {
  WallTime now{};
  std::uint32_t user = 0;
  Environment environment;
  Paths paths;
  bool knows_zones = true;  ///< The zone database is there.
  ProgramFindings programs;
  StateFindings state;
  RuntimeFindings runtime;
  DaemonFindings daemon;
  PortFindings ports;
  std::vector<SetupFindings> setups;
  InstalledFindings installed;
  std::vector<std::string> missing_bundles;  ///< Variables that name a file which is not there.

  std::string variable(const std::string& name) const {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
  }
};

}  // namespace routerone::cli
