#include <utility>

#include "daemon/dialect/translation.h"
#include "daemon/relay/answer_fields.h"
#include "daemon/relay/relay.h"
#include "daemon/tokens/estimate.h"

namespace routerone {

/// How many tokens a request would be, where no provider of the model can be asked in this dialect:
/// our own guess, which is free. Callers take the count for true (an agent compacts by it), so it
/// is made of the whole body, tools and all.
net::Task<void> Relay::answer_count(Journey& journey) {
  TraceRow& row = journey.row;
  row.usage.input = tokens::guess_input(journey.body);
  row.usage_source = UsageSource::estimate;
  chat::Request asked;
  asked.count_only = true;
  chat::Answer answer;
  answer.ending.usage = row.usage;
  const std::string body = journey.dialect.translation()->write_answer(
      answer, asked, {row.id, micros_since_epoch(row.time) / 1'000'000, journey.envelope.model});
  row.model = journey.plan.targets.front().name->model;
  row.status = 200;
  journey.answer_bytes = body.size();
  co_await settle(journey, nullptr, FinalState::completed);
  AnswerFields fields(journey);
  fields.add("content-type", "application/json");
  http::AnswerHead head;
  head.fields = fields.list();
  head.body_length = body.size();
  co_await journey.exchange.reply(head, body);
}

}  // namespace routerone
