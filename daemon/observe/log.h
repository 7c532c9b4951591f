#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/core/result.h"
#include "common/core/secret.h"

namespace routerone {

struct LogOptions {
  std::string level = "info";   ///< trace debug info warn error
  std::string format = "text";  ///< text json
  std::filesystem::path file;   ///< That stderr is, and is to be kept small; empty: it is none.
};

/// The daemon's log, on stderr. Never waits: lines go through a bounded queue to one thread, and
/// when the reader of stderr stalls, lines are dropped and counted. Takes no Secret; what comes
/// from outside is made printable. Thread-safe; passed by reference, there is no global one.
class Log {
 public:
  using Details = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  static Result<std::unique_ptr<Log>> open(const LogOptions&);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view what, Details details = {});
  void info(std::string_view what, Details details = {});
  void warn(std::string_view what, Details details = {});
  void error(std::string_view what, Details details = {});
  void info(const Secret&, Details = {}) = delete;

 private:
  Log();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone
