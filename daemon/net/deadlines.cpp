#include "daemon/net/deadlines.h"

#include <algorithm>

namespace routerone::net {

Deadline::Deadline(Deadlines& deadlines, std::function<void()> on_expiry)
    : deadlines_(deadlines), on_expiry_(std::move(on_expiry)) {}

Deadline::~Deadline() { clear(); }

void Deadline::set(SteadyTime at) {
  expired_ = false;
  at_ = at;
  if (!listed_) deadlines_.add(*this);
  deadlines_.wake_by(at);
}

void Deadline::clear() {
  at_ = SteadyTime::max();
  if (listed_) deadlines_.remove(*this);
}

void Deadlines::add(Deadline& deadline) {
  deadline.listed_ = true;
  deadline.previous_ = nullptr;
  deadline.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &deadline;
  first_ = &deadline;
}

void Deadlines::remove(Deadline& deadline) {
  if (cursor_ == &deadline) cursor_ = deadline.next_;
  (deadline.previous_ != nullptr ? deadline.previous_->next_ : first_) = deadline.next_;
  if (deadline.next_ != nullptr) deadline.next_->previous_ = deadline.previous_;
  deadline.previous_ = deadline.next_ = nullptr;
  deadline.listed_ = false;
}

void Deadlines::wake_by(SteadyTime at) {
  if (at >= armed_) return;
  const SteadyTime now = clock_.steady();
  armed_ = std::max(at, now + grain);
  arm_(armed_ - now);
}

void Deadlines::sweep() {
  const SteadyTime now = clock_.steady();
  armed_ = SteadyTime::max();
  SteadyTime nearest = SteadyTime::max();
  for (Deadline* at = first_; at != nullptr; at = cursor_) {
    cursor_ = at->next_;
    if (at->at_ > now) {
      nearest = std::min(nearest, at->at_);
      continue;
    }
    remove(*at);
    at->at_ = SteadyTime::max();
    at->expired_ = true;
    at->on_expiry_();  // may destroy it, or set, clear and destroy others
  }
  cursor_ = nullptr;
  if (nearest != SteadyTime::max()) wake_by(nearest);
}

}  // namespace routerone::net
