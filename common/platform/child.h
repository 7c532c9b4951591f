#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/core/clock.h"
#include "common/core/result.h"

namespace routerone {

/// A program that runs in this one's place at the terminal. It stays in our process group: so it is
/// in the foreground as we are, what the keyboard sends (^C, ^Z, a new window size) reaches both of
/// us, a pipeline stays one job, and whoever ends the group ends both. What another process sends
/// to us alone is passed on. Should it stop itself, we stop with it, so that the shell sees a
/// stopped job.
///
/// One at a time: signals belong to the process. From its start to its end ^C does not end us.
class Child {
 public:
  struct Program {
    std::vector<std::string> command;  ///< The first is looked for in PATH if it has no slash.
    std::map<std::string, std::string> environment;  ///< All of it.
  };
  /// not_found: there is no such program; unauthorized: it cannot be executed.
  static Result<std::unique_ptr<Child>> start(const Program&);
  ~Child();  ///< Does not end it. Signals mean what they meant before.
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Waits until it has ended (its exit code, or 128 and the signal's number), `also` can be read
  /// or that much time has passed: then nothing. -1: no descriptor; nullopt: any time.
  std::optional<int> wait(int also, std::optional<Millis> at_most);

 private:
  Child();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Can that be executed? Errors as Child::start's; `path` is a PATH.
Status check_executable(const std::string& program, const std::string& path);

}  // namespace routerone
