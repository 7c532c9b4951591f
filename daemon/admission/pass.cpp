#include <algorithm>
#include <utility>

#include "daemon/admission/amounts.h"
#include "daemon/admission/table.h"
#include "daemon/admission/words.h"

namespace routerone::admission {

Pass::Pass() noexcept = default;

Pass::Pass(Pass&& other) noexcept
    : held_(std::move(other.held_)), reserved_(std::exchange(other.reserved_, {})) {}

Pass& Pass::operator=(Pass&& other) noexcept {
  Pass taken(std::move(other));  // what this one held goes with it
  std::swap(held_, taken.held_);
  std::swap(reserved_, taken.reserved_);
  return *this;
}

Pass::~Pass() {
  if (held_) held_->table->leave(*held_, reserved_);
}

bool Pass::cover(Money owed, Money next) {
  return held_ && held_->table->cover(*held_, reserved_, owed + next);
}

bool Pass::settle(Money cost, std::int64_t tokens) {
  if (!held_) return false;
  const auto held = std::move(held_);
  return held->table->settle(*held, std::exchange(reserved_, {}), cost, tokens);
}

void Admission::Impl::leave(const Pass::Held& held, Money reserved) {
  const std::lock_guard lock(mutex);
  const Moment moment = now();
  for (Scope* scope : held.chain) {
    scope->release(reserved);
    scope->leave(moment, held.entered, held.tokens);
  }
}

bool Admission::Impl::settle(const Pass::Held& held, Money reserved, Money cost,
                             std::int64_t tokens) {
  cost = std::max(cost, Money{});
  tokens = std::clamp<std::int64_t>(tokens, 0, most_tokens);
  const bool beyond = held.has_bill && cost > reserved;
  Warnings warnings;
  {
    const std::lock_guard lock(mutex);
    const Moment moment = now();
    for (Scope* scope : held.chain) {
      scope->advance(moment);
      scope->release(reserved);
      scope->settle(moment, held.entered, cost, tokens, held.tokens);
      if (beyond) scope->note_overrun();
      if (auto words = scope->take_warning(moment)) warnings.push_back(*std::move(words));
    }
  }
  tell(warnings);
  return beyond;
}

}  // namespace routerone::admission
