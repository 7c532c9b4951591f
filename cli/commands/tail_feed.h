#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/control/client.h"
#include "common/json/json.h"

namespace routerone::cli {

/// The requests as they end, each once, in the order they were written down: the daemon is asked
/// again and again for what came after the last answer. Knows nothing of a terminal. One thread at
/// a time.
class TailFeed {
 public:
  struct News {
    std::vector<Json> traces;  ///< As `traces show --json` has them; maybe none.
    bool connected = true;     ///< False: the daemon is away, and was waited for.
  };

  /// From now on; with a `since=..` among the terms, from there.
  TailFeed(control::Client daemon, control::Strings terms);

  /// Waits about `wait_ms` for more at most. Once it was answered, a daemon that is away is waited
  /// for, and then nothing is missing and nothing comes twice. Other errors are the daemon's own,
  /// and it may be asked again after one.
  Result<News> next(int wait_ms);

  /// From now on only what these let pass. What had come before stays behind.
  void filter(control::Strings terms);

 private:
  Result<News> away(const Error&, int wait_ms);

  control::Client daemon_;
  control::TailWish wish_;
  bool answered_ = false;
  int pause_ms_ = 0;  ///< Longer each time that the daemon is still away.
};

}  // namespace routerone::cli
