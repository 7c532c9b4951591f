#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/core/result.h"

namespace routerone {

/// The file of the running program, links resolved.
Result<std::filesystem::path> executable_path();

/// A program of this name: beside the running one, else in an absolute folder of PATH.
Result<std::filesystem::path> find_program(const std::string& name);

/// A program to run on its own. Arguments go to it as they are; no shell is involved.
struct DetachedProgram {
  std::filesystem::path file;          ///< Absolute; PATH is not searched.
  std::vector<std::string> arguments;  ///< Without the program's own name.
  std::filesystem::path output;  ///< stdout and stderr are appended here (0600); empty: nowhere.
};

/// Starts it in a session of its own, working in `/`, with umask 077, no open file of ours and
/// the environment of this process. Returns its pid once the kernel has taken the program; it is
/// not our child, so nobody needs to wait for it.
Result<int> start_detached(const DetachedProgram&);

/// Is there such a process (of any user)? A zombie, which has let go of all it held, counts as none
/// where the system tells: whoever should bury it may never do so.
bool process_alive(int pid);

/// not_found if there is no such process, unauthorized if it is not ours to signal.
Status signal_process(int pid, int signal);

}  // namespace routerone
