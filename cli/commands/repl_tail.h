#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/terminal/line_feed.h"
#include "common/control/client.h"
#include "common/platform/descriptor.h"

namespace routerone::cli {

/// The live tail of the REPL: a process of its own asks the daemon, so that neither a slow daemon
/// keeps the keyboard waiting nor a busy one fills our memory; of what comes too fast the latest
/// lines are shown.
class ReplTail final : public LineFeed {
 public:
  using Strings = std::vector<std::string>;

  static Result<std::unique_ptr<ReplTail>> start(const control::Client&, Strings terms);
  ~ReplTail() override;

  int descriptor() const override;
  bool waiting() const override;
  std::vector<Shown> take(std::size_t most, int columns) override;

  void filter(Strings terms);
  const Strings& terms() const { return terms_; }
  /// Paused, nothing is read: the other process keeps its place and goes on from there.
  void pause(bool paused) { paused_ = paused; }
  bool paused() const { return paused_; }
  /// It ended by itself; what it had to say about that was among its lines.
  bool ended() const { return !from_; }
  /// Of the request shown last; empty: none was.
  const std::string& last_id() const { return last_id_; }
  /// Ends it; what there was in all.
  std::string stop();

 private:
  static constexpr std::size_t most_waiting = 2'000;

  ReplTail(pid_t process, Descriptor from, Descriptor to, Strings terms);
  void drain();
  Shown shown(const std::string& line, int columns);

  pid_t process_;
  Descriptor from_, to_;
  Strings terms_;
  LineQueue queue_{most_waiting};
  bool paused_ = false;
  std::string last_id_, total_;
};

}  // namespace routerone::cli
