#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/config/listen.h"
#include "common/core/result.h"
#include "common/platform/environment.h"

namespace routerone::cli {

/// The daemon as a unit of the user's systemd, which opens its port, starts it, watches it and
/// starts it again. All through `systemctl --user`.
class UserService {
 public:
  /// nullopt: no user manager runs here, it knows other folders than ours (ROUTERONE_HOME, say), or
  /// a unit that somebody else brought starts another daemon than this one.
  static std::optional<UserService> find(const Paths&, const std::filesystem::path& daemon);

  /// Does systemd hold the port now, whether or not the daemon runs?
  bool holds_port() const { return holds_port_; }

  /// Writes the units where no package did, and the addresses, then starts both; returns when the
  /// daemon is ready. unavailable: it is not, and systemd says so.
  /// `metrics`: where the daemon serves them; empty: nowhere.
  Status start(const ListenAddresses&, const std::string& metrics);
  /// The port is let go of, and answers under way may end.
  Status stop();
  /// The port stays open meanwhile: who connects waits.
  Status restart();

 private:
  UserService() = default;
  Status write_units();
  Status write_addresses(const ListenAddresses&);
  Status write_metrics(const std::string& address);

  std::filesystem::path folder_;  ///< Of the user's own units.
  std::filesystem::path daemon_;
  bool packaged_ = false;  ///< Not ours to write.
  bool holds_port_ = false;
  bool reload_ = false;
};

/// Can systemd open these? It knows no port of the kernel's choice.
bool can_be_activated(const ListenAddresses&);

}  // namespace routerone::cli
