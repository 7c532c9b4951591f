#include "cli/commands/explain.h"

#include <fmt/format.h>

#include "cli/commands/limit_options.h"
#include "cli/commands/route_views.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

/// Below it a table would lose columns: each candidate is told one fact a line.
constexpr int table_width = 76;

double number_of(const Json& object, const char* field) {
  const Json& value = part_of(object, field);
  return value.is_number() ? value.get<double>() : 0;
}

/// `.85`, `1.00`: a share of the best there is.
std::string share_words(double share) { return fmt::format("{:.2f}", share); }
std::string percent_words(double share) { return fmt::format("{:.0f}%", share * 100); }

std::string dollars_words(const Json& value) {
  if (!value.is_number()) return "unknown";
  const double dollars = value.get<double>();
  if (dollars > 0 && dollars < 1e-6) return "<$0.000001";
  return usd_cell(fmt::format("{:.6f}", dollars)).shown;
}

/// What is expected of a candidate, for a person.
std::string latency_words(const Json& one) {
  const Json& millis = part_of(one, "latency_ms");
  return millis.is_number() ? short_duration(millis.get<double>()) : "unknown";
}
std::string quality_words(const Json& one) {
  const std::string quality = text_of(one, "quality");
  return quality.empty() ? "unknown" : quality;
}

Cell state_of(const Json& one) {
  const std::string state = text_of(one, "state"), why = text_of(one, "why");
  if (why.empty()) return {state, state, Color::green};
  const std::int64_t left = whole_of(one, "ready_in_s");
  return {fmt::format("{}: {}{}", state, why, left > 0 ? fmt::format(", {}s", left) : ""), state,
          Color::yellow};
}

Cell with_term(const std::string& shown, const Json& terms, const char* term) {
  return {fmt::format("{} {}", shown, share_words(number_of(terms, term))), shown};
}

void print_table_of(Call& call, const Json& candidates) {
  const auto right = Table::Align::right;
  Table table({{"#", right},
               {"TARGET"},
               {"SCORE", right},
               {"LATENCY", right},
               {"COST", right},
               {"QUALITY", right},
               {"HEALTH", right},
               {"STATE"}});
  std::size_t place = 0;
  for (const Json& one : candidates) {
    const Json& terms = part_of(one, "terms");
    table.add({std::to_string(++place), text_of(one, "target"),
               share_words(number_of(one, "score")),
               with_term(latency_words(one), terms, "latency"),
               with_term(dollars_words(part_of(one, "cost")), terms, "cost"),
               with_term(quality_words(one), terms, "quality"),
               share_words(number_of(one, "health")), state_of(one)});
  }
  table.print(call.out());
}

std::string health_words(const Json& one) {
  return fmt::format("{}: {} failed, {} of its limits left, {} in flight",
                     share_words(number_of(one, "health")),
                     percent_words(number_of(one, "failure_share")),
                     percent_words(number_of(one, "headroom")), whole_of(one, "in_flight"));
}

void print_blocks_of(Call& call, const Json& candidates) {
  std::size_t place = 0;
  for (const Json& one : candidates) {
    const Json& terms = part_of(one, "terms");
    const auto with = [&](const std::string& shown, const char* term) {
      return fmt::format("{}: {}", share_words(number_of(terms, term)), shown);
    };
    call.out().line(fmt::format("{}. {}", ++place, printable(text_of(one, "target"))));
    print_facts(call.out(), {{"  score", share_words(number_of(one, "score"))},
                             {"  latency", with(latency_words(one), "latency")},
                             {"  cost", with(dollars_words(part_of(one, "cost")), "cost")},
                             {"  quality", with(quality_words(one), "quality")},
                             {"  health", health_words(one)},
                             {"  state", state_of(one)}});
  }
}

/// For programs: every figure, a line a candidate.
void print_rows_of(Call& call, const Json& candidates) {
  Table table(std::vector<Table::Column>(16, {""}));
  std::size_t place = 0;
  for (const Json& one : candidates) {
    const Json& terms = part_of(one, "terms");
    table.add({std::to_string(++place), text_of(one, "target"), text_of(one, "model"),
               text_of(one, "tier"), text_of(one, "score"), text_of(one, "latency_ms"),
               text_of(one, "cost"), text_of(one, "quality"), text_of(terms, "latency"),
               text_of(terms, "cost"), text_of(terms, "quality"), text_of(one, "health"),
               text_of(one, "failure_share"), text_of(one, "headroom"), text_of(one, "in_flight"),
               text_of(one, "state")});
  }
  table.print(call.out());
}

void print_excluded(Call& call, const Json& excluded) {
  if (excluded.empty()) return;
  if (call.out().terminal()) call.out().line("");
  Table table({{"LEFT OUT"}, {"MODEL"}, {"AT"}, {"BECAUSE"}});
  for (const Json& one : excluded)
    table.add({"-", text_of(one, "model"), text_of(one, "provider"), text_of(one, "words")});
  table.print(call.out());
}

void print_notes(Call& call, const Json& answer) {
  const std::string from = text_of(answer, "weights_from");
  call.out().note(fmt::format("weights {} ({})", weights_words(part_of(answer, "weights")),
                              from == "all"       ? "of all"
                              : from == "request" ? "as you say"
                                                  : fmt::format("of its {}", from)));
  const std::int64_t equal = whole_of(answer, "as_good");
  if (equal > 1)
    call.out().note(
        fmt::format("the first {} are as good as each other: they share the load", equal));
  if (flag_of(answer, "trial"))
    call.out().note("the first one is there to be measured: too little is known of it");
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
  if (const auto tokens = call.text("tokens")) TRY_STATUS(read_tokens(*tokens, wish));
  TRY(const Json answer, call.daemon().explain_route(wish));
  if (call.printed_json(answer)) return 0;
  const Json& candidates = part_of(answer, "candidates");
  if (!call.out().terminal())
    print_rows_of(call, candidates);
  else if (call.out().width() < table_width)
    print_blocks_of(call, candidates);
  else
    print_table_of(call, candidates);
  print_excluded(call, part_of(answer, "excluded"));
  print_notes(call, answer);
  return 0;
}

}  // namespace

Command explain_command() {
  return {"routes",
          "explain",
          "show where a request would go now, and why",
          {{"MODEL"}},
          {{"project", "NAME", "as a key of this project asks"},
           {"key", "NAME", "as this key asks"},
           {"tokens", "IN,OUT", "of about this size"},
           {"weights", "WEIGHTS", "under these: latency=.5,cost=.3 or fast, cheap, best, balanced"},
           {"dialect", "ID", "openai-chat unless said"}},
          explain};
}

}  // namespace routerone::cli
