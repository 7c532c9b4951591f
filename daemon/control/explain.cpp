#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/route_calls.h"
#include "daemon/control/scopes.h"
#include "daemon/control/words.h"
#include "daemon/dialect/registry.h"
#include "daemon/routing/no_target.h"
#include "daemon/routing/route_settings.h"
#include "daemon/routing/score.h"
#include "daemon/routing/weights_text.h"
#include "daemon/trace/routing_json.h"

namespace routerone::control {
namespace {

using routing::ModelTable;

constexpr const char* usual_dialect = "openai-chat";
constexpr std::int64_t most_tokens = 100'000'000;

/// A request as it was described, with all that the plan of it points into.
struct Question {
  ExplainWish said;
  std::shared_ptr<const Snapshot> snapshot;
  const dialect::Dialect* dialect = nullptr;
  const ProjectRecord* project = nullptr;
  KeyRecord key;  ///< Where none was said, one without limits of its own.
  std::vector<const Limits*> outer;
  std::vector<std::string_view> others;
  RouteWeights weights;
  std::string weights_from;
  RequestNeeds needs;
};

Result<std::string> project_of(const ExplainWish& said, const KeyRecord* key) {
  if (!key) return said.project.value_or(default_project);
  if (said.project && *said.project != key->project)
    return fail(ErrorKind::invalid,
                fmt::format("the key \"{}\" is of the project \"{}\"", key->name, key->project),
                "say the key alone");
  return key->project;
}

Status find_asker(Question& question) {
  const ControlData& data = question.snapshot->data;
  const KeyRecord* key = nullptr;
  if (question.said.key) {
    key = live_key(data, *question.said.key);
    if (!key) return no_such_key(data, *question.said.key);
    question.key = *key;
    question.outer = question.snapshot->limits_around(*key);
  }
  TRY(question.key.project, project_of(question.said, key));
  question.project = find_project(data, question.key.project);
  if (!question.project) return no_such_project(data, question.key.project);
  return {};
}

Status find_dialect(Question& question) {
  const std::string id = question.said.dialect.value_or(usual_dialect);
  question.dialect = dialect::find(id);
  if (!question.dialect) {
    Strings known;
    for (const dialect::Dialect* one : dialect::all()) known.emplace_back(one->id());
    return fail(ErrorKind::invalid, fmt::format("there is no dialect \"{}\"", printable(id, 40)),
                fmt::format("there are {}", fmt::join(known, ", ")));
  }
  question.others =
      dialect::translatable_to(*question.dialect, question.dialect->operations().front());
  return {};
}

Status find_weights(Question& question) {
  const auto set =
      routing::route_settings(question.snapshot->data.settings, question.project, &question.key);
  question.weights = set.weights;
  question.weights_from = to_word(set.weights_from);
  if (!question.said.weights) return {};
  question.weights_from = "request";
  TRY(question.weights,
      routing::read_weights(fmt::format("{}", fmt::join(*question.said.weights, ",")),
                            set.weights));
  return {};
}

struct NeedWord {
  std::string_view word;
  bool RequestNeeds::*field;
};

/// As exclusions call them; what else a request holds no model is known not to take.
constexpr std::array<NeedWord, 3> need_words{{
    {"tools", &RequestNeeds::tools},
    {"reasoning", &RequestNeeds::reasoning},
    {"images", &RequestNeeds::images},
}};

Status find_needs(Question& question) {
  for (const std::string& said : question.said.needs) {
    const auto known = std::find_if(need_words.begin(), need_words.end(),
                                    [&](const NeedWord& need) { return need.word == said; });
    if (known == need_words.end()) {
      Strings words;
      for (const NeedWord& need : need_words) words.emplace_back(need.word);
      return fail(ErrorKind::invalid,
                  fmt::format("a request cannot need \"{}\"", printable(said, 40)),
                  fmt::format("it can need {}", fmt::join(words, ", ")));
    }
    question.needs.*(known->field) = true;
  }
  return {};
}

Status check_tokens(const ExplainWish& said) {
  for (const auto& tokens : {said.input, said.output})
    if (tokens && (*tokens < 0 || *tokens > most_tokens))
      return fail(ErrorKind::invalid,
                  fmt::format("a request has from 0 to {} tokens", most_tokens));
  return {};
}

/// As the relay asks: nobody of unknown price where a spend limit holds.
bool must_be_priced(const Question& question, const Services& services) {
  const bool free = question.project->limits.unpriced ||
                    (question.key.limits.unpriced &&
                     std::all_of(question.outer.begin(), question.outer.end(),
                                 [](const Limits* limits) { return limits->unpriced; }));
  return !free && services.admission.limits_spend(question.key);
}

Result<routing::Planned> plan(const Question& question, const Services& services) {
  const ModelTable::Wish wish{.model = question.said.model,
                              .dialect = question.dialect->id(),
                              .key = &question.key,
                              .project = &question.project->limits,
                              .now = services.clock.wall(),
                              .others = question.others,
                              .outer = question.outer,
                              .must_be_priced = must_be_priced(question, services),
                              .needs = question.needs,
                              .input_tokens = question.said.input.value_or(0),
                              .output_cap = question.said.output,
                              .weights = question.weights,
                              .health = &services.health,
                              .steady = services.clock.steady()};
  auto planned = question.snapshot->models.plan(wish);
  if (planned) return *std::move(planned);
  const auto kind = planned.error().kind == RefusalKind::unknown_model ? ErrorKind::not_found
                    : planned.error().kind == RefusalKind::bad_key     ? ErrorKind::unauthorized
                                                                       : ErrorKind::invalid;
  return fail(kind, planned.error().message);
}

std::string_view to_word(routing::Standing::Kind kind) {
  switch (kind) {
    case routing::Standing::Kind::ready:
      return "ready";
    case routing::Standing::Kind::last_resort:
      return "last resort";
    case routing::Standing::Kind::cooling:
      break;
  }
  return "cooling";
}

/// Candidates and standings are in the same order; of very many, only the first are planned for.
void add_standings(Json& candidates, const std::vector<routing::Standing>& standings) {
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool planned = i < standings.size();
    const routing::Standing standing = planned ? standings[i] : routing::Standing{};
    const bool ready = standing.kind == routing::Standing::Kind::ready;
    Json& one = candidates[i];
    one["state"] = planned ? to_word(standing.kind) : "not planned for";
    one["why"] = ready ? Json(nullptr) : Json(to_string(standing.why));
    one["ready_in_s"] = ready ? Json(nullptr) : Json(standing.left.count());
  }
}

/// How many at the head are so near to each other that they share the load.
std::size_t as_good(const Decision& decision) {
  const auto& order = decision.order;
  if (order.empty()) return 0;
  if (decision.trial || decision.sorted) return 1;
  const DecidedCandidate& first = decision.candidates[order.front()];
  const double least = first.score.total * (1 - routing::ChoiceOptions{}.margin);
  const auto end = std::find_if(order.begin(), order.end(), [&](std::size_t i) {
    const DecidedCandidate& one = decision.candidates[i];
    return one.tier != first.tier || one.point.reserve != first.point.reserve ||
           one.score.total < least;
  });
  return static_cast<std::size_t>(end - order.begin());
}

Json answer(const Question& question, const routing::Planned& planned) {
  Json out = Json::object();
  out["schema"] = schema_version;
  out["asked_for"] = question.said.model;
  out["dialect"] = question.dialect->id();
  out["project"] = question.key.project;
  out["key"] = question.said.key ? Json(question.key.name) : Json(nullptr);
  out["automatic"] = planned.automatic;
  out["weights_from"] = question.weights_from;
  out["input_tokens"] = question.said.input.value_or(0);
  out["output_tokens"] = question.said.output ? Json(*question.said.output) : Json(nullptr);
  const Decision& decision = *planned.decision;
  out["as_good"] = as_good(decision);
  out.update(trace::to_json(decision));
  add_standings(out["candidates"], planned.standings);
  for (Json& one : out["excluded"])
    one["words"] = routing::reason_in_words(one["reason"].get<std::string>());
  return out;
}

}  // namespace

Result<Json> explain_route(Desk desk, const Json& body) {
  Question question;
  TRY(question.said, read<ExplainWish>(body));
  TRY_STATUS(check_tokens(question.said));
  question.snapshot = desk.state.snapshot();
  TRY_STATUS(find_asker(question));
  TRY_STATUS(find_dialect(question));
  TRY_STATUS(find_weights(question));
  TRY_STATUS(find_needs(question));
  TRY(const auto planned, plan(question, desk.services));
  return answer(question, planned);
}

}  // namespace routerone::control
