#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/explain.h"
#include "cli/commands/route_views.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/control/contract.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

/// `project:web` as a person says it.
std::string scope_words(const Json& settings) {
  std::string scope = text_of(settings, "scope");
  std::replace(scope.begin(), scope.end(), ':', ' ');
  return scope;
}

std::string patience_words(const Json& settings) {
  return fmt::format("{} to {}", millis_words(settings, "first_byte_floor_ms"),
                     millis_words(settings, "first_byte_ceiling_ms"));
}

void add_settings(Table& table, const Json& settings) {
  const std::string scope = scope_words(settings);
  table.add({"weights", scope, weights_words(part_of(settings, "weights"))});
  if (scope.starts_with("key ")) return;  // the rest is its project's
  table.add({"failover switches", scope, text_of(settings, "failover_switches")});
  table.add({"first byte within", scope, patience_words(settings)});
  if (flag_of(settings, "hedge"))
    table.add({"hedging", scope, "a second provider is asked when the first one is late"});
}

Result<int> show(Call& call) {
  TRY(const Json routes, call.daemon().show_routes());
  if (call.printed_json(routes)) return 0;
  Table table({{"WHAT"}, {"OF"}, {"IS"}});
  add_settings(table, routes);
  for (const char* scopes : {"projects", "keys"})
    for (const Json& settings : part_of(routes, scopes)) add_settings(table, settings);
  for (const Json& list : part_of(routes, "candidates"))
    table.add({"candidates", text_of(list, "asked_for"), list_of(list, "models")});
  for (const Json& one : part_of(routes, "qualities"))
    table.add({"quality", text_of(one, "model"), text_of(one, "quality")});
  for (const Json& alias : part_of(routes, "aliases"))
    table.add({"alias", text_of(alias, "alias"), text_of(alias, "model")});
  for (const Json& chain : part_of(routes, "fallbacks"))
    table.add({"fallback", text_of(chain, "model"), list_of(chain, "chain")});
  table.print(call.out());
  return 0;
}

Result<int> set(Call& call) {
  control::RouteSetWish wish;
  wish.project = call.text("project");
  wish.key = call.text("key");
  wish.weights = call.list("WEIGHTS");
  wish.switches = call.text("failover-switches");
  wish.first_byte_floor = call.text("first-byte-floor");
  wish.first_byte_ceiling = call.text("first-byte-ceiling");
  if (const auto hedge = call.text("hedge")) wish.hedge = *hedge == "on";
  TRY(const Json now, call.daemon().set_routes(wish));
  if (call.printed_json(now)) return 0;
  Table table({{"WHAT"}, {"OF"}, {"IS"}});
  add_settings(table, now);
  table.print(call.out(), false);
  const std::string scope = text_of(now, "scope"), from = text_of(now, "weights_from");
  if (!scope.starts_with(from))
    call.out().note(fmt::format("{} has no weights of its own: those of {} hold", scope_words(now),
                                from == "project" ? "its project" : "all"));
  return 0;
}

Result<Json> find_list(Call& call, std::string name) {
  if (name.starts_with("auto:")) name.erase(0, 5);
  TRY(const Json routes, call.daemon().show_routes());
  for (const Json& list : part_of(routes, "candidates"))
    if (text_of(list, "name") == name) {
      Json found = {{"schema", control::schema_version}};
      found.update(list);
      return found;
    }
  return fail(ErrorKind::not_found, fmt::format("there is no list \"{}\"", printable(name)),
              fmt::format("make it: routerone routes candidates {} MODEL,..", printable(name)));
}

Result<int> candidates(Call& call) {
  const auto models = call.list("MODEL,..");
  if (models && call.has("clear"))
    return fail(ErrorKind::invalid, "say either the models to choose from, or --clear",
                "routerone routes candidates --help");
  if (models && models->empty())
    return fail(ErrorKind::invalid, "no model is named", "routerone routes candidates --help");
  const bool look = !models && !call.has("clear");
  TRY(const Json list, look
                           ? find_list(call, call.word("NAME"))
                           : call.daemon().set_candidates(
                                 {call.word("NAME"), models.value_or(std::vector<std::string>())}));
  if (call.printed_json(list)) return 0;
  const std::string asked = text_of(list, "asked_for");
  if (look) {
    for (const std::string& model : strings_of(list, "models")) call.out().line(printable(model));
    call.out().note(fmt::format("asked for as the model {}", asked));
    return 0;
  }
  call.out().note(models ? fmt::format("{} chooses from: {}", asked, list_of(list, "models"))
                         : fmt::format("{} chooses from nothing now", asked));
  return 0;
}

Result<int> fallback(Call& call) {
  const auto chain = call.list("A,B");
  if (chain.has_value() == call.has("clear"))
    return fail(ErrorKind::invalid, "say the models to fall back to, or --clear",
                "routerone routes fallback --help");
  control::FallbackWish wish;
  wish.model = call.word("MODEL");
  wish.chain = chain.value_or(std::vector<std::string>());
  TRY(const Json answer, call.daemon().set_fallback(wish));
  if (call.printed_json(answer)) return 0;
  const std::string then = list_of(answer, "chain");
  call.out().note(then.empty()
                      ? fmt::format("{} has no fallback chain now", text_of(answer, "model"))
                      : fmt::format("after {}: {}", text_of(answer, "model"), then));
  return 0;
}

}  // namespace

std::string weights_words(const Json& weights) {
  if (!weights.is_object()) return {};
  std::string words;
  for (const char* signal : {"latency", "cost", "quality"}) {
    const Json& weight = part_of(weights, signal);
    if (weight.is_number())
      words += fmt::format("{}{}={}", words.empty() ? "" : " ", signal, weight.get<double>());
  }
  return words;
}

std::string millis_words(const Json& object, const char* field) {
  const std::int64_t millis = whole_of(object, field);
  return millis % 1'000 == 0 ? fmt::format("{}s", millis / 1'000) : fmt::format("{}ms", millis);
}

std::vector<Command> route_commands() {
  using Count = Argument::Count;
  const Value list = {"NAME", Value::Kind::candidates}, chain = {"A,B", Value::Kind::model};
  std::vector<Command> commands = {
      {.noun = "routes",
       .verb = "show",
       .summary = "show what is set: weights, lists, qualities, aliases, chains",
       .run = show,
       .examples = {{"all that decides where requests go", "routes show"}},
       .prints = "routes"},
      {.noun = "routes",
       .verb = "set",
       .summary = "set what counts: cost, latency, quality",
       .arguments = {{value::weights, Count::many,
                      "latency=.5 cost=.3 quality=.2, or fast, cheap, best, balanced; none: as for "
                      "all"}},
       .options =
           {{"project", value::project, "for this project's requests only"},
            {"key", value::key, "for this key's requests only"},
            {"failover-switches", value::count,
             "other targets tried after the first; none: as for all"},
            {"first-byte-floor", value::duration,
             "how long a usually quick target is awaited at least"},
            {"first-byte-ceiling", value::duration, "how long any target is awaited at most"},
            {"hedge",
             {"on|off", Value::Kind::choice, "on|off"},
             "ask a second provider when a stream is later than 95 of 100; may pay for both"}},
       .run = set,
       .examples = {{"cost goes before speed, for all", "routes set cheap"},
                    {"for one project the other way round", "routes set --project web fast"},
                    {"in numbers", "routes set latency=.5 cost=.3 quality=.2"},
                    {"no waiting for the slow ones", "routes set --project web --hedge on"}},
       .about = "What a key sets goes before its project's, that before what holds for all, and "
                "the header x-routerone-weights of a request before all three.",
       .prints = "route_settings",
       .effect = Command::Effect::changes},
      {.noun = "routes",
       .verb = "candidates",
       .summary = "set or show what `auto`, or `auto:NAME`, chooses from",
       .arguments = {{list}, {value::models, Count::optional}},
       .options = {{"clear", "", "take the list away"}},
       .run = candidates,
       .examples = {{"what the model `auto` chooses from",
                     "routes candidates auto openai/gpt-5-mini,mybox/ok"},
                    {"a list of its own, asked for as `auto:coding`",
                     "routes candidates coding openai/gpt-5,mybox/ok"},
                    {"look", "routes candidates coding"}},
       .prints = "candidates",
       .effect = Command::Effect::changes},
      {.noun = "routes",
       .verb = "fallback",
       .summary = "let other models stand in for one that fails",
       .arguments = {{value::model}, {chain, Count::optional}},
       .options = {{"clear", "", "take the chain away"}},
       .run = fallback,
       .examples = {{"only because you say so: another model",
                     "routes fallback openai/gpt-5 openai/gpt-5-mini,mybox/ok"},
                    {"never another model", "routes fallback openai/gpt-5 --clear"}},
       .about =
           "Without a chain a request stays with the model it asked for, at whichever provider "
           "serves it.",
       .prints = "fallback",
       .effect = Command::Effect::changes},
  };
  commands.push_back(explain_command());
  return commands;
}

}  // namespace routerone::cli
