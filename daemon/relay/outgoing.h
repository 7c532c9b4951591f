#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/relay/journey.h"

namespace routerone {

/// The caller's body as it goes to one target: its bytes, with the model's name, an affordable
/// output cap and the question for usage spliced in where needed. Pieces are views into the
/// caller's body and into this.
class OutgoingBody {
 public:
  OutgoingBody(const Journey&, const Target&);
  OutgoingBody(const OutgoingBody&) = delete;
  OutgoingBody& operator=(const OutgoingBody&) = delete;

  const std::vector<std::string_view>& pieces() const { return pieces_; }
  bool usage_asked_by_us() const { return usage_asked_by_us_; }

 private:
  std::vector<dialect::Splice> splices_;
  std::vector<std::string_view> pieces_;
  bool usage_asked_by_us_ = false;
};

}  // namespace routerone
