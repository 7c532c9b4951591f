#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/core/clock.h"

namespace routerone::routing {

/// Where a session went last, so that its next request finds the provider's prompt cache warm. In
/// memory only; whoever asks for a session must have hashed what it was made of, if that was text.
/// Thread-safe: one short lock a call.
///
/// A session stays as long as its cache may live after its last use. A target that failed is
/// forgotten by remembering the one that served instead: when the first one recovers nothing is to
/// be gained there, so the session does not go back.
class Affinity {
 public:
  /// What providers keep a cached prompt for, unless they are paid for more.
  static constexpr std::chrono::minutes usual{5};
  static constexpr std::chrono::minutes longest{60};
  static constexpr std::size_t most_sessions = 20'000;
  /// Callers may name models as long as a request is; those are not worth the memory.
  static constexpr std::size_t longest_target = 1024;

  explicit Affinity(const Clock& clock, std::size_t most = most_sessions)
      : clock_(clock), most_(most) {}

  /// The target (`provider/upstream_model`) that served the session last, while that is of use.
  std::optional<std::string> find(std::string_view session) const;
  /// `target` has served it. The oldest session makes room.
  void remember(std::string_view session, std::string_view target,
                std::chrono::seconds of_use = usual);
  std::size_t size() const;

 private:
  struct Entry {
    std::string session, target;
    SteadyTime until;
  };
  using Entries = std::list<Entry>;  // the latest first

  const Clock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_session_;  // keys are the entries' own
};

}  // namespace routerone::routing
