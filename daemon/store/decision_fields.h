#pragma once

#include <array>
#include <string>

#include "daemon/exchange/decision.h"

// {"w":[latency,cost,quality],"d":dice,"s":"sticky","t":trial,"e":sorted,"c":[candidate,..],
//  "o":[place,..],"x":[[model,provider,reason],..],"n":[candidates left out,exclusions left out]}
// candidate: [provider,account,model,upstream_model,tier,flags,seconds,dollars,quality,
//             failure_share,headroom,in_flight,share,latency,cost,quality,health,total]
namespace routerone::store::decision_fields {

inline constexpr int is_out = 1, may_be_tried = 2, is_reserve = 4;

inline std::array<std::string TargetName::*, 4> names() {
  return {&TargetName::provider, &TargetName::account, &TargetName::model,
          &TargetName::upstream_model};
}
inline std::array<std::string Exclusion::*, 3> words() {
  return {&Exclusion::model, &Exclusion::provider, &Exclusion::reason};
}
inline std::array<double Score::*, 5> terms() {
  return {&Score::latency, &Score::cost, &Score::quality, &Score::health, &Score::total};
}

}  // namespace routerone::store::decision_fields
