#include "daemon/relay/outgoing.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/core/text.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/operation_path.h"
#include "daemon/dialect/other_form.h"
#include "daemon/dialect/parallel_call.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/translating_scanner.h"
#include "daemon/tokens/estimate.h"

namespace routerone {
namespace {

const dialect::Dialect& dialect_of(const Journey& journey, const Target& target) {
  if (target.endpoint->dialect == journey.dialect.id()) return journey.dialect;
  const dialect::Dialect* const other = dialect::find(target.endpoint->dialect);
  return other == nullptr ? journey.dialect : *other;
}

/// In what form the caller is told of our answer. Who left the choice to us learns what served.
dialect::AnswerFacts facts_of(const Journey& journey, const Target& target) {
  return {journey.row.id, micros_since_epoch(journey.row.time) / 1'000'000,
          journey.automatic ? target.name->model : journey.envelope.model};
}

/// `provider/variant` names a provider, too.
bool is_named(const std::vector<std::string>& words, std::string_view provider) {
  return std::any_of(words.begin(), words.end(), [provider](std::string_view word) {
    return iequals(word.substr(0, word.find('/')), provider);
  });
}

/// Which of the words about providers the target would not understand.
std::span<const dialect::Splice> unwanted_words(const dialect::Envelope& envelope,
                                                const Target& target) {
  if (!target.quirks.routes) return envelope.without_routes;
  const std::string& self = target.endpoint->provider;
  const RouteWords& words = envelope.routes;
  if (is_named(words.order, self) || is_named(words.only, self)) return envelope.without_providers;
  return {};
}

void add(std::vector<dialect::Splice>& to, std::span<const dialect::Splice> more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

Outgoing::Outgoing(const Journey& journey, const Target& target)
    : journey_(journey),
      target_(target),
      target_dialect_(dialect_of(journey, target)),
      operation_(&journey.operation) {
  if (&target_dialect_ == &journey.dialect) {
    pass_on(target);
  } else {
    translate(target);
  }
}

void Outgoing::pass_on(const Target& target) {
  path_ = dialect::path_for(journey_.upstream_path, target.name->upstream_model);
  fields_ = journey_.forwarded;
  const dialect::Envelope& envelope = journey_.envelope;
  if (envelope.model_size > 0 && target.name->upstream_model != envelope.model) {
    splices_.push_back({envelope.model_at, envelope.model_size,
                        envelope.bare_model ? target.name->upstream_model
                                            : dialect::json_quoted(target.name->upstream_model)});
    if (envelope.length_size > 0) {
      splices_.push_back({envelope.length_at, envelope.length_size,
                          std::to_string(target.name->upstream_model.size())});
    }
  }
  if (envelope.stream && envelope.ask_usage) {
    splices_.push_back(*envelope.ask_usage);
    usage_asked_by_us_ = true;
  }
  if (journey_.row.clamped) {
    for (dialect::Splice& splice : journey_.dialect.write_cap(
             journey_.operation, journey_.body, *journey_.row.clamped, target.quirks)) {
      splices_.push_back(std::move(splice));
    }
  }
  if (envelope.asks_cost && !target.quirks.states_cost) splices_.push_back(*envelope.asks_cost);
  add(splices_, envelope.without_models);
  add(splices_, unwanted_words(envelope, target));
  std::sort(splices_.begin(), splices_.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });

  pieces_.reserve(2 * splices_.size() + 1);
  std::size_t from = 0;
  for (const dialect::Splice& splice : splices_) {
    pieces_.push_back(journey_.body.substr(from, splice.at - from));
    pieces_.push_back(splice.inserted);
    from = splice.at + splice.removed;
  }
  pieces_.push_back(journey_.body.substr(from));
  std::erase_if(pieces_, [](std::string_view piece) { return piece.empty(); });
}

/// The caller's question in neutral words, with what was decided about it here.
tl::expected<chat::Request, Refusal> Outgoing::read_asked() const {
  auto asked = journey_.dialect.translation()->read_request(
      journey_.operation, journey_.exchange.head().path, journey_.body);
  if (!asked) return asked;
  asked->stream = journey_.envelope.stream;
  asked->as_array = journey_.envelope.as_array;
  if (journey_.envelope.asks_cost) {  // which is told beside the usage
    asked->wants_usage = true;
    std::erase(asked->hints, "usage");
  }
  if (journey_.row.clamped) asked->output_cap = *journey_.row.clamped;
  return asked;
}

/// `gone`: those of `hints` without which it really is another request.
Outgoing::Written Outgoing::write_without(chat::Request asked,
                                          const std::vector<const dialect::Hint*>& hints,
                                          std::vector<const dialect::Hint*>& gone) const {
  const dialect::Translation& to = *target_dialect_.translation();
  auto written = to.write_request(asked, target_);
  for (const dialect::Hint* hint : hints) {
    if (!written) return written;
    if (!hint->said(asked)) continue;
    hint->drop(asked);
    auto shorter = to.write_request(asked, target_);
    if (!shorter || shorter->body == written->body) continue;
    gone.push_back(hint);
    written = std::move(shorter);
  }
  for (const dialect::Hint* hint : gone) written->dropped.emplace_back(hint->name);
  return written;
}

std::vector<const dialect::Hint*> Outgoing::refused_for(std::string_view body) const {
  std::vector<const dialect::Hint*> gone;
  if (!translated()) return gone;
  const auto hints = dialect::refused_hints(body);
  if (hints.empty()) return gone;
  auto asked = read_asked();
  if (asked) (void)write_without(*std::move(asked), hints, gone);
  return gone;
}

void Outgoing::translate(const Target& target) {
  if (journey_.dialect.translation() == nullptr || target_dialect_.translation() == nullptr) {
    refusal_ =
        Refusal{RefusalKind::bad_request, "this provider speaks another dialect", "model", {}};
    return;
  }
  operation_ = &target_dialect_.operations().front();
  auto asked = read_asked();
  if (!asked) {
    refusal_ = asked.error();
    return;
  }
  const bool repaired = journey_.repair && journey_.repair->target == &target;
  std::vector<const dialect::Hint*> gone;
  auto written = repaired ? write_without(*asked, journey_.repair->without, gone)
                          : target_dialect_.translation()->write_request(*asked, target);
  if (!written) {
    refusal_ = written.error();
    return;
  }
  written_ = *std::move(written);
  path_ = written_.path;
  fields_.push_back({"content-type", "application/json"});
  for (const auto& [name, value] : written_.fields) fields_.push_back({name, value});
  pieces_.push_back(written_.body);
  asked_ = *std::move(asked);
  std::vector<chat::Turn>().swap(asked_->turns);  // long, and of no use for the answer
}

std::unique_ptr<dialect::StreamScanner> Outgoing::scan_stream() const {
  auto scanner = target_dialect_.scan_stream(*operation_, usage_asked_by_us_);
  if (!translated()) return scanner;
  return std::make_unique<dialect::TranslatingScanner>(
      std::move(scanner), target_dialect_.translation()->read_events(),
      journey_.dialect.translation()->write_events(*asked_, facts_of(journey_, target_)), written_,
      tokens::guess_input(journey_.body),
      journey_.envelope.asks_cost ? journey_.dialect.scan_stream(journey_.operation, false)
                                  : nullptr,
      asked_->tools);
}

dialect::AnswerForm Outgoing::answer_form(http::Fields fields) const {
  return target_dialect_.answer_form(*operation_, journey_.envelope, fields);
}

dialect::Verdict Outgoing::judge(int status, http::Fields fields, std::string_view body) const {
  return target_dialect_.judge(*operation_, status, fields, body);
}

bool Outgoing::make_whole(int status, std::string& body) const {
  const bool translatable = operation_ == &target_dialect_.operations().front();
  const dialect::Translation* const own = target_dialect_.translation();
  if (status != 200 || !translatable || !own || !dialect::is_stream(body)) return false;
  auto whole = dialect::as_whole(*own, body);
  if (!whole) return false;
  body = *std::move(whole);
  return true;
}

bool Outgoing::translate_answer(std::string& body) const {
  auto answer = target_dialect_.translation()->read_answer(body);
  if (!answer) return false;
  dialect::unwrap_parallel(*answer, asked_->tools);
  dialect::restore_names(*answer, written_.renamed);
  dialect::cut_at_stop(*answer, written_.stops);
  body =
      journey_.dialect.translation()->write_answer(*answer, *asked_, facts_of(journey_, target_));
  return true;
}

}  // namespace routerone
