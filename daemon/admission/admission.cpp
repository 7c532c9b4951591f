#include "daemon/admission/admission.h"

#include <algorithm>

#include "daemon/admission/table.h"

namespace routerone::admission {

Admission::Admission(const Clock& clock, std::function<void(const std::string&)> on_warning)
    : impl_(std::make_unique<Impl>(clock, std::move(on_warning))) {}

Admission::~Admission() = default;

void Admission::configure(const ControlData& data) { impl_->configure(data); }

void Admission::restore(const std::vector<SpendMinute>& minutes,
                        const std::map<std::string, Money>& totals) {
  impl_->restore(minutes, totals);
}

void Admission::correct(const std::string& scope, WallTime when, Money by) {
  impl_->correct(scope, when, by);
}

bool Admission::limits_spend(const KeyRecord& key) const {
  const std::lock_guard lock(impl_->mutex);
  const Chain chain(impl_->lowest_of(key));
  return std::any_of(chain.begin(), chain.end(), [](const Scope* s) { return s->limits_spend(); });
}

tl::expected<Pass, Denial> Admission::enter(const KeyRecord& key, std::int64_t tokens) {
  return impl_->enter(key, tokens);
}

tl::expected<Admission::Grant, Denial> Admission::reserve(Pass& pass, const KeyRecord&,
                                                          const Bill& bill) {
  return impl_->reserve(pass, bill);
}

RateState Admission::rates(const KeyRecord& key) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->lowest_of(key).rates(impl_->now());
}

std::vector<ScopeState> Admission::states() const {
  const std::lock_guard lock(impl_->mutex);
  const Moment now = impl_->now();
  std::vector<ScopeState> states;
  const auto tell = [&](Scope& scope) {
    scope.advance(now);
    states.push_back(scope.state(now));
  };
  tell(impl_->wallet);
  for (const auto& [name, scope] : impl_->projects) tell(*scope);
  const auto keys = static_cast<std::ptrdiff_t>(states.size());
  for (const auto& [id, scope] : impl_->keys) tell(*scope);
  std::sort(states.begin() + keys, states.end(),
            [](const ScopeState& a, const ScopeState& b) { return a.scope < b.scope; });
  return states;
}

ScopeState Admission::state(const std::string& name) const {
  const std::lock_guard lock(impl_->mutex);
  Scope* scope = impl_->find(name);
  if (scope == nullptr) {
    ScopeState none;
    none.scope = name;
    return none;
  }
  const Moment now = impl_->now();
  scope->advance(now);
  return scope->state(now);
}

}  // namespace routerone::admission
