#include "daemon/relay/pulse.h"

#include <algorithm>

#include "daemon/relay/answer_fields.h"

namespace routerone {
namespace {

/// Before a scanner knows its stream there is only the comment line, which every reader skips.
constexpr std::string_view comment_keepalive = ": keep-alive\n";

}  // namespace

Pulse::Pulse(Journey& journey)
    : journey_(journey),
      head_due_(journey.exchange.started() + journey.snapshot->data.settings.head_deadline),
      deadline_(journey.exchange.loop().deadlines(), [this] { on_silence(); }) {
  if (journey.envelope.stream) beat();
}

void Pulse::beat() {
  const SteadyTime next = journey_.now() + journey_.snapshot->data.settings.keepalive_after;
  deadline_.set(journey_.exchange.head_sent() ? next : std::max(next, head_due_));
}

void Pulse::on_silence() {
  if (!journey_.exchange.head_sent()) {
    if (journey_.now() < head_due_) return beat();
    send_early_head();
  } else {
    journey_.exchange.try_write(scanner_ ? scanner_->keepalive() : std::string(comment_keepalive));
  }
  beat();
}

void Pulse::send_early_head() {
  AnswerFields fields(journey_);
  fields.add("content-type", "text/event-stream; charset=utf-8");
  fields.add("cache-control", "no-cache");
  http::AnswerHead head;
  head.status = 200;
  head.fields = fields.list();
  journey_.exchange.prepare(head);
  journey_.exchange.try_write(comment_keepalive);
  journey_.row.status = 200;
}

}  // namespace routerone
