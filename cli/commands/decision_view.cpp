#include "cli/commands/decision_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "cli/commands/route_views.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"
#include "cli/terminal/table.h"

namespace routerone::cli {
namespace {

/// What a column says, and the term of the score that came of it.
Cell term_cell(const Json& value, const Json& term, const std::string& shown) {
  if (!value.is_number()) return {term.is_number() ? "unknown" : "", ""};
  if (!term.is_number()) return {shown, value.dump()};
  return {fmt::format("{} ({:.2f})", shown, term.get<double>()), value.dump()};
}

Cell score_cell(const Json& score) {
  if (!score.is_number()) return {"", ""};
  return {fmt::format("{:.3f}", score.get<double>()), score.dump()};
}

/// What else there is to say of a candidate.
std::string note_of(const Json& one, const Json& decision) {
  std::vector<std::string> words;
  const bool first = &one == &part_of(decision, "candidates").front();
  if (text_of(decision, "sticky") == text_of(one, "target")) words.emplace_back("served before");
  if (flag_of(one, "out")) words.emplace_back("said when to come back");
  if (flag_of(one, "last_resort") && !flag_of(one, "out")) words.emplace_back("last resort");
  if (first && flag_of(decision, "trial")) words.emplace_back("a trial");
  if (whole_of(one, "tier") > 0) words.emplace_back("stands in");
  return fmt::format("{}", fmt::join(words, ", "));
}

std::vector<Cell> row_of(int number, const Json& one, const Json& decision) {
  const Json &latency = part_of(one, "latency_ms"), &cost = part_of(one, "cost"),
             &quality = part_of(one, "quality"), &terms = part_of(one, "terms");
  const auto shown = [](const Json& value, auto words) {
    return value.is_number() ? words(value.get<double>()) : std::string();
  };
  return {flag_of(one, "out") ? Cell("", "") : Cell(std::to_string(number)),
          text_of(one, "target"),
          text_of(one, "model"),
          score_cell(part_of(one, "score")),
          term_cell(latency, part_of(terms, "latency"), shown(latency, short_duration)),
          term_cell(cost, part_of(terms, "cost"), shown(cost, usd_about)),
          term_cell(quality, part_of(terms, "quality"), quality.dump()),
          score_cell(part_of(one, "health")),
          note_of(one, decision)};
}

std::string left_out_words(const Json& decision, const char* field) {
  const std::int64_t more = whole_of(decision, field);
  return more > 0 ? fmt::format(" (and {} more that were not kept)", more) : "";
}

void print_excluded(Call& call, const Json& decision) {
  const Json& excluded = part_of(decision, "excluded");
  if (excluded.empty()) return;
  call.out().line("");
  Table table({{"LEFT OUT"}, {"PROVIDER"}, {"WHY"}});
  for (const Json& one : excluded) {
    const std::string why = text_of(one, "words");
    table.add({text_of(one, "model"), text_of(one, "provider"),
               Cell(why.empty() ? text_of(one, "reason") : why, text_of(one, "reason"))});
  }
  table.print(call.out());
}

}  // namespace

std::string usd_about(double dollars) {
  if (!(dollars > 0)) return "$0";
  const int decimals = std::clamp(1 - static_cast<int>(std::floor(std::log10(dollars))), 2, 12);
  return fmt::format("${:.{}f}", dollars, decimals);
}

void print_decision(Call& call, const Json& decision) {
  print_facts(call.out(),
              {{"weights", weights_words(part_of(decision, "weights"))},
               {"session was at", Cell(text_of(decision, "sticky"), text_of(decision, "sticky"))}});
  call.out().line("");
  Table table({{"#", Table::Align::right},
               {"CANDIDATE" + left_out_words(decision, "candidates_left_out")},
               {"MODEL", Table::Align::left, false, 4},
               {"SCORE", Table::Align::right},
               {"LATENCY", Table::Align::right},
               {"COST", Table::Align::right},
               {"QUALITY", Table::Align::right, false, 3},
               {"HEALTH", Table::Align::right, false, 2},
               {"NOTE", Table::Align::left, false, 1}});
  int number = 0;
  for (const Json& one : part_of(decision, "candidates"))
    table.add(row_of(++number, one, decision));
  table.print(call.out());
  print_excluded(call, decision);
}

}  // namespace routerone::cli
