#pragma once

#include <cstdint>

#include "daemon/admission/admission.h"
#include "daemon/admission/amounts.h"

namespace routerone::admission {

/// What limits leave, each the least over all of them.
struct Room {
  Money whole = most_money;    ///< If nothing had been spent.
  Money unspent = most_money;  ///< Less what is settled. Below zero: a provider charged too much.
  Money free = most_money;     ///< Less what others hold, too.
};

enum class Verdict {
  grant,
  never,    ///< More than a limit allows even to the first.
  used_up,  ///< What is settled is in the way.
  wait,     ///< Only what others hold is in the way.
};

struct Decision {
  Verdict verdict = Verdict::grant;
  std::int64_t cap = 0;  ///< Granted; not above the bill's.
};

/// What the bill comes to with that cap.
Money worst_case(const Bill&, std::int64_t cap);
/// The least the bill can come to: the fewest output tokens it makes sense with.
Money least_case(const Bill&, bool may_clamp);

/// How many output tokens this request gets. Coding agents ask for caps they never come near
/// (128,000 for 1,500), and what is held for one is not there for the others. So a cap that takes
/// more than a quarter of what is free is lowered to that quarter, but not below 8,192 tokens,
/// which next to no answer exceeds. Where less than that is left of the limit itself, what is left
/// is given out, to one at a time: a limit can be used up to its last cents. Where only others are
/// in the way, it waits instead of being cut short. Pure.
Decision decide(const Bill&, bool may_clamp, const Room&);

}  // namespace routerone::admission
