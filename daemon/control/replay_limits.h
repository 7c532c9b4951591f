#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/control/wishes.h"
#include "common/core/result.h"
#include "daemon/admission/calendar.h"
#include "daemon/exchange/control_data.h"
#include "daemon/store/trace_store.h"

namespace routerone::control {

/// A spend limit that was not there, and what would have come of it. Requests are told in the order
/// in which they came, each settled before the next: what was held for others under way, or for a
/// longer answer than came, is not known any more.
class ReplayLimit {
 public:
  /// `key:ci=2/day`, `project:web=10/month`, `wallet=50`; the calendar is this machine's. invalid
  /// says what is wrong with it; not_found if there is no such key or project.
  static Result<ReplayLimit> read(const std::string& text, const ControlData&);

  bool covers(const store::PastRequest&) const;
  /// Would one more of that cost have been let through?
  bool has_room(WallTime at, Money cost);
  void settle(Money cost) { spent_ += cost; }
  void count(WallTime at, bool refused);

  const std::string& text() const { return text_; }
  std::int64_t requests() const { return requests_; }
  std::int64_t refused() const { return refused_; }
  std::optional<WallTime> first_refused() const { return first_refused_; }

 private:
  void begin_window(WallTime at);

  std::string text_, scope_;
  SpendLimit limit_;
  admission::Zone zone_;
  admission::Span window_{WallTime::min(), WallTime::min()};
  Money spent_;
  std::int64_t requests_ = 0, refused_ = 0;
  std::optional<WallTime> first_refused_;
};

}  // namespace routerone::control
