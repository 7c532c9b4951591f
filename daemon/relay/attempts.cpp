#include "daemon/relay/attempts.h"

#include <algorithm>

namespace routerone {
namespace {

/// Another credential for the very same.
bool is_sibling(const Target& a, const Target& b) {
  return a.endpoint->account != b.endpoint->account &&
         a.endpoint->provider == b.endpoint->provider &&
         a.name->upstream_model == b.name->upstream_model;
}

/// Does it tell of the credential alone, and nothing of the provider behind it?
bool is_of_credential(FailureClass how) {
  return how == FailureClass::rate_limited || how == FailureClass::credential_refused;
}

}  // namespace

Attempts::Attempts(const RoutePlan& plan, const std::vector<Standing>& standings, int switches)
    : plan_(plan), allowed_(static_cast<std::size_t>(std::max(switches, 0)) + 1) {
  for (const auto wanted : {Standing::Kind::ready, Standing::Kind::last_resort}) {
    for (std::size_t i = 0; i < plan.targets.size(); ++i) {
      if (standings[i].kind == wanted) order_.push_back(&plan.targets[i]);
    }
    if (wanted == Standing::Kind::ready) sound_ = order_.size();
  }
  for (const Standing& standing : standings) {
    if (standing.kind == Standing::Kind::cooling) count(standing.why, standing.left);
  }
  if (standings.front().kind != Standing::Kind::ready) primary_failure_ = standings.front().why;
}

const Target* Attempts::next() const {
  return given_up_ || at_ >= std::min(order_.size(), allowed_) ? nullptr : order_[at_];
}

void Attempts::failed(FailureClass how, std::optional<std::chrono::seconds> retry_after) {
  const Target& target = *order_[at_];
  if (is_primary(target)) primary_failure_ = how;
  count(how, retry_after);
  given_up_ = !may_fail_over(how);
  ++at_;
  spare_siblings(target, how);
}

void Attempts::spare_siblings(const Target& target, FailureClass how) {
  const auto sibling = [&target](const Target* one) { return is_sibling(*one, target); };
  const auto rest = order_.begin() + static_cast<std::ptrdiff_t>(at_);
  if (is_of_credential(how)) {
    if (std::any_of(rest, order_.end(), sibling)) ++allowed_;
    return;
  }
  if (at_ >= sound_) return;
  const auto end =
      std::find_if(rest, order_.begin() + static_cast<std::ptrdiff_t>(sound_),
                   [&target](const Target* one) { return one->name->model != target.name->model; });
  std::stable_partition(rest, end, [&](const Target* one) { return !sibling(one); });
}

const Target* Attempts::call_standby() {
  const std::size_t end = std::min(sound_, order_.size());
  if (!others_left() || at_ + 1 >= end) return nullptr;
  const auto first = order_.begin() + static_cast<std::ptrdiff_t>(at_ + 1);
  const auto last = order_.begin() + static_cast<std::ptrdiff_t>(end);
  const auto found = std::find_if(first, last, [this](const Target* one) {
    return one->endpoint->provider != order_[at_]->endpoint->provider;
  });
  // The same model: what a chain names besides is for when this one fails.
  if (found == last || (*found)->name->model != order_[at_]->name->model) return nullptr;
  std::rotate(first, found, found + 1);
  return order_[at_ + 1];
}

void Attempts::standby_failed(FailureClass how, std::optional<std::chrono::seconds> retry_after) {
  count(how, retry_after);
  order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(at_ + 1));
  --sound_;
  --allowed_;
}

void Attempts::promote_standby() {
  primary_late_ = primary_late_ || is_primary(*order_[at_]);
  std::swap(order_[at_], order_[at_ + 1]);
}

std::string_view Attempts::primary_reason() const {
  return primary_late_ ? "late" : to_string(primary_failure_);
}

void Attempts::skip() {
  ++at_;
  ++allowed_;
}

void Attempts::postpone() {
  const auto at = order_.begin() + static_cast<std::ptrdiff_t>(at_);
  std::rotate(at, at + 1, order_.end());
  --sound_;
}

void Attempts::count(FailureClass how, std::optional<std::chrono::seconds> retry_after) {
  ++failures_;
  rate_limited_ += how == FailureClass::rate_limited;
  credential_refused_ += how == FailureClass::credential_refused;
  model_missing_ += how == FailureClass::model_missing;
  if (retry_after && (!earliest_retry_ || *retry_after < *earliest_retry_)) {
    earliest_retry_ = retry_after;
  }
}

Refusal Attempts::refusal() const {
  if (failures_ > 0 && failures_ == rate_limited_) {
    return {RefusalKind::upstream_rate_limited,
            "every provider of this model is rate-limited at the moment; try again later", "",
            earliest_retry_.value_or(std::chrono::seconds(1))};
  }
  if (failures_ > 0 && failures_ == credential_refused_) {
    return {RefusalKind::upstream_credential,
            "the provider refused the credential that routerone holds for it; see: routerone "
            "providers test",
            "",
            {}};
  }
  if (failures_ > 0 && failures_ == model_missing_) {
    return {RefusalKind::unknown_model, "none of its providers knows this model", "model", {}};
  }
  return {RefusalKind::upstream_failed,
          "every provider of this model failed; see: routerone traces show", "", earliest_retry_};
}

}  // namespace routerone
