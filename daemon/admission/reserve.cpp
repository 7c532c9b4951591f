#include <algorithm>
#include <utility>

#include "daemon/admission/amounts.h"
#include "daemon/admission/clamp.h"
#include "daemon/admission/table.h"
#include "daemon/admission/words.h"

namespace routerone::admission {
namespace {

/// A ceiling with whose it is. A request meets at most one of each of its scopes, and what is left
/// of the wallet's prepaid sum.
struct Ceilings {
  struct One {
    const Scope* scope = nullptr;
    Scope::Ceiling ceiling;
  };
  std::array<One, Chain::most + 1> all;
  std::size_t count = 0;

  void add(const Scope& scope, const std::optional<Scope::Ceiling>& ceiling) {
    if (ceiling) all[count++] = {&scope, *ceiling};
  }
  const One* begin() const { return all.data(); }
  const One* end() const { return all.data() + count; }
};

Room room_of(const Scope::Ceiling& ceiling) {
  // What is paid in can be added to without changing a limit: never too little for good.
  return {ceiling.prepaid ? most_money : ceiling.amount, ceiling.unspent(), ceiling.free()};
}

Room room_of(const Ceilings& ceilings) {
  Room room;
  for (const auto& [scope, ceiling] : ceilings) {
    const Room one = room_of(ceiling);
    room.whole = std::min(room.whole, one.whole);
    room.unspent = std::min(room.unspent, one.unspent);
    room.free = std::min(room.free, one.free);
  }
  return room;
}

Refusal refusal_of(Verdict verdict, const Ceilings::One& by, Money least, Moment now) {
  switch (verdict) {
    case Verdict::never:
      return never_fits(*by.scope, by.ceiling, least);
    case Verdict::used_up:
      return used_up(*by.scope, by.ceiling, least, now);
    case Verdict::wait:
    case Verdict::grant:
      break;
  }
  return held_by_others(*by.scope, by.ceiling, least);
}

Money tightness(Verdict verdict, const Scope::Ceiling& ceiling) {
  const Room room = room_of(ceiling);
  if (verdict == Verdict::never) return room.whole;
  return verdict == Verdict::used_up ? room.unspent : room.free;
}

Denial denial_of(Verdict verdict, const Ceilings& ceilings, Money least, Moment now) {
  const auto* tightest =
      std::min_element(ceilings.begin(), ceilings.end(), [&](const auto& a, const auto& b) {
        return tightness(verdict, a.ceiling) < tightness(verdict, b.ceiling);
      });
  return {refusal_of(verdict, *tightest, least, now), verdict == Verdict::wait};
}

/// What the ceilings of dry runs would have said.
void spare(const Ceilings& dry, const Bill& bill, bool may_clamp, Moment now, Warnings& spared) {
  for (const auto& one : dry) {
    const Verdict verdict = decide(bill, may_clamp, room_of(one.ceiling)).verdict;
    if (verdict == Verdict::grant) continue;
    const Refusal refusal = refusal_of(verdict, one, least_case(bill, may_clamp), now);
    spared.push_back(dry_run_words(*one.scope, refusal));
  }
}

}  // namespace

tl::expected<Admission::Grant, Denial> Admission::Impl::reserve(Pass& pass, const Bill& bill) {
  if (!pass.held_) return tl::unexpected(Denial{no_pass(), false});
  Pass::Held& held = *pass.held_;
  Warnings spared;
  Grant grant;
  {
    const std::lock_guard lock(mutex);
    const Moment moment = now();
    Ceilings hard, dry;
    bool may_clamp = bill.clampable;
    const Money before = std::exchange(pass.reserved_, {});
    for (Scope* scope : held.chain) {
      scope->advance(moment);
      scope->release(before);
      Ceilings& ceilings = scope->dry_run() ? dry : hard;
      ceilings.add(*scope, scope->ceiling());
      ceilings.add(*scope, scope->balance());
      may_clamp = may_clamp && scope->may_clamp();
    }
    const Decision decision = decide(bill, may_clamp, room_of(hard));
    if (decision.verdict != Verdict::grant)
      return tl::unexpected(denial_of(decision.verdict, hard, least_case(bill, may_clamp), moment));
    spare(dry, bill, may_clamp, moment, spared);
    grant = {decision.cap, decision.cap < bill.cap};
    pass.reserved_ = worst_case(bill, decision.cap);
    held.has_bill = true;
    for (Scope* scope : held.chain) scope->hold(pass.reserved_);
  }
  tell(spared);
  return grant;
}

bool Admission::Impl::cover(Pass::Held& held, Money& reserved, Money wanted) {
  const Money more = wanted - reserved;
  if (more <= Money{}) return true;
  const std::lock_guard lock(mutex);
  const Moment moment = now();
  for (Scope* scope : held.chain) {
    scope->advance(moment);
    if (scope->dry_run()) continue;
    for (const auto& ceiling : {scope->ceiling(), scope->balance()}) {
      if (ceiling && more > ceiling->free()) return false;
    }
  }
  for (Scope* scope : held.chain) scope->hold(more);
  reserved = wanted;
  held.has_bill = true;
  return true;
}

}  // namespace routerone::admission
