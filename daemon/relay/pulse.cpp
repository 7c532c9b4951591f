#include "daemon/relay/pulse.h"

#include <algorithm>

#include "daemon/relay/answer_fields.h"

namespace routerone {

Pulse::Pulse(Journey& journey)
    : journey_(journey),
      head_due_(journey.exchange.started() + journey.snapshot->data.settings.head_deadline),
      deadline_(journey.exchange.loop().deadlines(), [this] { on_silence(); }) {
  beat();
}

/// A whole answer, or an array in the making, has no room for anything else.
void Pulse::beat() {
  if (!journey_.envelope.stream || journey_.envelope.as_array) return;
  const SteadyTime next = journey_.now() + journey_.snapshot->data.settings.keepalive_after;
  deadline_.set(journey_.exchange.head_sent() ? next : std::max(next, head_due_));
}

void Pulse::on_silence() {
  if (!journey_.exchange.head_sent()) {
    if (journey_.now() < head_due_) return beat();
    send_early_head();
  } else {
    journey_.exchange.try_write(scanner_ ? scanner_->keepalive()
                                         : std::string(journey_.dialect.early_keepalive()));
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
  journey_.exchange.try_write(journey_.dialect.early_keepalive());
  journey_.row.status = 200;
}

}  // namespace routerone
