#include "cli/commands/explain.h"

#include <fmt/format.h>

#include "cli/commands/decision_view.h"
#include "cli/commands/route_views.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"
#include "cli/terminal/table.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

/// Below it a table would lose columns: each candidate is told one fact a line.
constexpr int table_width = 76;

double number_of(const Json& object, const char* field) {
  const Json& value = part_of(object, field);
  return value.is_number() ? value.get<double>() : 0;
}

/// `1.20s, term 0.85`
std::string fact_words(const std::string& shown, const Json& one, const char* term) {
  return fmt::format("{}, term {:.2f}", shown.empty() ? "unknown" : shown,
                     number_of(part_of(one, "terms"), term));
}

/// Of each hundred.
std::string percent_words(const Json& one, const char* field) {
  return fmt::format("{:.0f}%", number_of(one, field) * 100);
}

Cell state_of(const Json& one) {
  const std::string state = text_of(one, "state"), why = text_of(one, "why");
  if (why.empty()) return {state, state, Color::green};
  const std::int64_t left = whole_of(one, "ready_in_s");
  return {fmt::format("{}: {}{}", state, why, left > 0 ? fmt::format(", {}s", left) : ""), state,
          Color::yellow};
}

void print_narrow(Call& call, const Json& answer) {
  std::size_t place = 0;
  call.out().line("weights " + weights_words(part_of(answer, "weights")));
  for (const Json& one : part_of(answer, "candidates")) {
    const Json &latency = part_of(one, "latency_ms"), &cost = part_of(one, "cost");
    const std::string millis = latency.is_number() ? short_duration(latency.get<double>()) : "";
    const std::string dollars = cost.is_number() ? usd_about(cost.get<double>()) : "";
    call.out().line(fmt::format("{}. {}", ++place, printable(text_of(one, "target"))));
    print_facts(call.out(), {{"  score", fmt::format("{:.2f}", number_of(one, "score"))},
                             {"  latency", fact_words(millis, one, "latency")},
                             {"  cost", fact_words(dollars, one, "cost")},
                             {"  quality", fact_words(text_of(one, "quality"), one, "quality")},
                             {"  health", fmt::format("{:.2f}", number_of(one, "health"))},
                             {"  failed", percent_words(one, "failure_share")},
                             {"  left", percent_words(one, "headroom") + " of its limits"},
                             {"  in flight", text_of(one, "in_flight")},
                             {"  state", state_of(one)}});
  }
  for (const Json& one : part_of(answer, "excluded"))
    call.out().line(printable(fmt::format("not {} at {}: {}", text_of(one, "model"),
                                          text_of(one, "provider"), text_of(one, "words")),
                              300));
}

/// What the decision itself does not say.
void print_notes(Call& call, const Json& answer) {
  const std::string from = text_of(answer, "weights_from");
  call.out().note(fmt::format("the weights are {}", from == "all"       ? "those of all"
                                                    : from == "request" ? "as you say"
                                                                        : "its " + from + "'s"));
  for (const Json& one : part_of(answer, "candidates"))
    if (!text_of(one, "why").empty())
      call.out().note(
          fmt::format("{} is {}", printable(text_of(one, "target")), state_of(one).shown));
  const std::int64_t equal = whole_of(answer, "as_good");
  if (equal > 1)
    call.out().note(
        fmt::format("the first {} are as good as each other: they share the load", equal));
}

Status read_tokens(const std::string& text, control::ExplainWish& wish) {
  const auto parts = split(text, ',');
  const auto read = [](std::string_view part) { return parse_uint(trim(part)); };
  const auto input = read(parts.front());
  const auto output = parts.size() > 1 ? read(parts[1]) : std::optional<std::uint64_t>(0);
  constexpr std::uint64_t most = 1'000'000'000;
  if (parts.size() > 2 || !input || !output || *input > most || *output > most)
    return fail(ErrorKind::invalid,
                fmt::format("--tokens takes tokens in and out, not \"{}\"", printable(text, 40)),
                "write it like --tokens 2000,500");
  wish.input = static_cast<std::int64_t>(*input);
  if (parts.size() > 1) wish.output = static_cast<std::int64_t>(*output);
  return {};
}

Result<int> explain(Call& call) {
  control::ExplainWish wish;
  wish.model = call.word("MODEL");
  wish.project = call.text("project");
  wish.key = call.text("key");
  wish.dialect = call.text("dialect");
  wish.weights = call.list("weights");
  wish.needs = call.list("needs").value_or(std::vector<std::string>());
  if (const auto tokens = call.text("tokens")) TRY_STATUS(read_tokens(*tokens, wish));
  TRY(const Json answer, call.daemon().explain_route(wish));
  if (call.printed_json(answer)) return 0;
  if (call.out().terminal() && call.out().width() < table_width)
    print_narrow(call, answer);
  else
    print_decision(call, answer);
  print_notes(call, answer);
  return 0;
}

}  // namespace

Command explain_command() {
  return {.noun = "routes",
          .verb = "explain",
          .summary = "show where a request would go now, and why",
          .arguments = {{value::model}},
          .options = {{"project", value::project, "as a key of this project asks"},
                      {"key", value::key, "as this key asks"},
                      {"tokens", "IN,OUT", "of about this size"},
                      {"needs",
                       {"NEED,..", Value::Kind::choice, "tools|images|reasoning"},
                       "that needs tools, images, .."},
                      {"weights", value::weights,
                       "under these: latency=.5,cost=.3 or fast, cheap, best, balanced"},
                      {"dialect", value::dialect, "openai-chat unless said"}},
          .run = explain,
          .examples = {{"who would serve it, by what figures", "routes explain mybox/ok"},
                       {"a long prompt, if cost were all that counts",
                        "routes explain auto --tokens 20000,500 --weights cheap"}},
          .about = "Nothing is sent. The decision is the one a request would get this moment.",
          .prints = "explanation"};
}

}  // namespace routerone::cli
