#pragma once

#include <map>
#include <string>

#include "daemon/control/held_server.h"
#include "daemon/control/nouns.h"

namespace routerone::control {

/// Keys that live as long as a program runs. `routerone run` holds a call open for each; when its
/// connection ends, so does the key, and with it the keys of runs inside it.
///
/// A run that has ended is kept, the last hundred of them, so that it can be resumed: the same
/// record lives again with a new secret. So its limits, its place inside other runs and its ledger
/// are what they were, and nothing has to be copied from one scope to another.
///
/// begin, attach, ended and look are the held server's, on its thread.
class Runs {
 public:
  static constexpr std::size_t most_ended = 100;
  /// After a start of the daemon, for the command line to attach again.
  static constexpr Millis grace{30'000};

  /// All runs that the control data has under way wait to be attached.
  explicit Runs(Desk);

  Result<HeldServer::Granted> begin(const Json& body);
  Result<HeldServer::Granted> attach(const Json& body);
  void ended(const std::string& id);
  /// Ends those whose grace is over. Are there others that wait?
  bool look();

  /// Ends a run, waits a moment for its last requests, and sums up what came of it. Any thread.
  Result<Json> end(const Json& body);

 private:
  Status end_run(const std::string& id) const;
  Desk desk_;
  std::map<std::string, SteadyTime> unattached_;  ///< Until when they live on.
};

void add_runs(Router&, Runs&);

/// What a run came to since it was last started: by model, and what is left.
Result<Json> receipt_of(KeyRecord, Desk);

}  // namespace routerone::control
