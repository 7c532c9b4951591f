#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/core/random.h"
#include "daemon/auth/hmac.h"
#include "daemon/routing/affinity.h"

namespace routerone {

/// What a request tells of the session that it belongs to.
struct SessionMarks {
  std::string_view key_id;
  std::string_view model;    ///< As asked for.
  std::string_view session;  ///< The caller's own word for it; may be empty.
  std::string_view body;
  std::span<const std::pair<std::size_t, std::size_t>> opening;  ///< In the body.
};

/// Under which name a session's target is remembered: a hash under a key that is made at the start
/// and kept in memory only, so that nothing can be learnt from it of what was said. Of a session
/// without a word of its own: what it began with, which every one of its requests repeats.
class Sessions {
 public:
  Sessions(const Clock& clock, Random& random);

  /// Empty: it cannot be told from others.
  std::string name_of(const SessionMarks&) const;
  /// Is a cache of the request worth staying for? Providers cache nothing this short, but what only
  /// one account can read again (signed thinking, encrypted reasoning) must stay with it.
  static bool worth_staying(std::string_view body);

  routing::Affinity& targets() { return targets_; }

 private:
  const auth::HmacKey key_;
  routing::Affinity targets_;
};

}  // namespace routerone
