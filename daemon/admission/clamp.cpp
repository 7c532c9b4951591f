#include "daemon/admission/clamp.h"

#include <algorithm>

namespace routerone::admission {
namespace {

constexpr std::int64_t ample_cap = 8'192;

std::int64_t least_cap(const Bill& bill, bool may_clamp) {
  return may_clamp ? std::min(std::max<std::int64_t>(bill.least_cap, 0), bill.cap) : bill.cap;
}

/// Most output tokens that the money pays for beside the input, at most the bill's cap.
std::int64_t affordable(const Bill& bill, Money output) {
  if (bill.output_rate <= 0) return bill.cap;
  return std::clamp<std::int64_t>(output.picousd / bill.output_rate, 0, bill.cap);
}

}  // namespace

Money worst_case(const Bill& bill, std::int64_t cap) {
  return bill.input + Money{saturating_multiply(cap, bill.output_rate)};
}

Money least_case(const Bill& bill, bool may_clamp) {
  return worst_case(bill, least_cap(bill, may_clamp));
}

Decision decide(const Bill& bill, bool may_clamp, const Room& room) {
  const std::int64_t least = least_cap(bill, may_clamp);
  const Money least_money = worst_case(bill, least);
  if (least_money > room.whole) return {Verdict::never, 0};
  if (least_money > room.unspent) return {Verdict::used_up, 0};

  const std::int64_t ample = std::min(bill.cap, std::max(ample_cap, least));
  const Money free = room.free - bill.input;
  const std::int64_t quarter = affordable(bill, {free.picousd / 4});
  const std::int64_t left = affordable(bill, room.unspent - bill.input);
  const std::int64_t cap = may_clamp ? std::min(std::max(ample, quarter), left) : bill.cap;
  if (worst_case(bill, cap) > room.free) return {Verdict::wait, 0};
  return {Verdict::grant, cap};
}

}  // namespace routerone::admission
