#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/cost_file.h"
#include "cli/commands/limit_options.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/control/contract.h"
#include "common/core/money.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

constexpr auto right = Table::Align::right;

void print_topups(Call& call, const Json& budget) {
  const Json& topups = part_of(budget, "topups");
  if (topups.empty()) return;
  call.out().line("");
  Table table({{"TOP-UP"}, {"USD", right}, {"NOTE"}});
  for (const Json& topup : topups)
    table.add({time_cell(text_of(topup, "time"), call.clock()), usd_cell(text_of(topup, "usd")),
               text_of(topup, "note")});
  table.print(call.out());
}

void print_budget(Call& call, const Json& budget) {
  Facts facts = {{"scope", text_of(budget, "scope")},
                 {"limit", spend_limit_cell(part_of(budget, "limit"))}};
  add_budget(facts, budget, call);
  print_facts(call.out(), facts);
  print_topups(call, budget);
  print_warnings(call, budget);
}

int code_of(Call& call, bool reached) {
  return call.has("check") && reached ? exit_code(ErrorKind::limit_reached) : 0;
}

void print_budgets(Call& call, const Json& budgets) {
  const auto left = Table::Align::left;
  Table table({{"SCOPE"},
               {"LIMIT"},
               {"EVERY", left, false, 4},
               {"SPENT", right, false, 1},
               {"HELD", right, false, 5},
               {"LEFT", right},
               {"RESETS", left, false, 3},
               {"USED", left, false, 2}});
  for (const Json& budget : budgets) {
    const Json& limit = part_of(budget, "limit");
    const std::string usd = text_of(limit, "usd"), rest = text_of(budget, "left_usd");
    table.add({text_of(budget, "scope"), usd.empty() ? Cell("none", "") : usd_cell(usd),
               text_of(limit, "every"), usd_cell(text_of(budget, "spent_usd")),
               usd_cell(text_of(budget, "reserved_usd")),
               rest.empty() ? Cell("", "") : usd_cell(rest),
               time_cell(text_of(budget, "resets"), call.clock()), used_cell(budget)});
  }
  print_table(call, table, "no budgets; make one: routerone budgets set wallet 20 --every month");
  for (const Json& budget : budgets)
    if (const std::string balance = text_of(budget, "balance_usd"); !balance.empty())
      call.out().note(fmt::format("prepaid balance: {}; its top-ups: routerone budgets show wallet",
                                  usd_cell(balance).shown));
}

Result<int> show(Call& call) {
  const std::string scope = call.word("SCOPE");
  if (!scope.empty()) {
    TRY(const Json budget, call.daemon().show_budget(scope));
    if (!call.printed_json(budget)) print_budget(call, budget);
    return code_of(call, flag_of(budget, "reached"));
  }
  TRY(const Json budgets, call.daemon().list_budgets());
  bool reached = false;
  for (const Json& budget : budgets) reached = reached || flag_of(budget, "reached");
  if (!call.printed_json(budgets)) print_budgets(call, budgets);
  return code_of(call, reached);
}

Result<int> finish(Call& call, const Json& budget) {
  if (!call.printed_json(budget)) print_budget(call, budget);
  return 0;
}

Result<int> set(Call& call) {
  control::BudgetWish wish;
  wish.scope = call.word("SCOPE");
  TRY(wish.spend, read_spend(call));
  wish.spend.max_spend = call.word("USD");
  TRY(const Json budget, call.daemon().set_budget(wish));
  return finish(call, budget);
}

Result<int> clear(Call& call) {
  const control::BudgetClearWish wish{call.word("SCOPE"), call.has("prepaid")};
  if (wish.prepaid) {
    TRY_STATUS(call.confirm("Forget all top-ups? The wallet will have no balance any more."));
  }
  TRY(const Json budget, call.daemon().clear_budget(wish));
  return finish(call, budget);
}

Result<int> topup(Call& call) {
  TRY(const Json budget, call.daemon().top_up({call.word("USD"), call.word("note")}));
  if (call.printed_json(budget)) return 0;
  call.out().note(
      fmt::format("prepaid balance: {}", usd_cell(text_of(budget, "balance_usd")).shown));
  return 0;
}

/// Adds the answer of one call to what earlier ones answered.
Status merge(Json& all, Json part) {
  if (all.is_null()) {
    all = std::move(part);
    return {};
  }
  for (const char* list : {"changed", "unknown", "unanswered"})
    for (const Json& entry : part_of(part, list)) all[list].push_back(entry);
  all["equal"] = whole_of(all, "equal") + whole_of(part, "equal");
  TRY(const Money before, parse_usd(text_of(all, "difference_usd")));
  TRY(const Money more, parse_usd(text_of(part, "difference_usd")));
  all["difference_usd"] = format_usd(before + more);
  return {};
}

/// A file may be of any size, a call may not.
Result<Json> reconcile_file(Call& call, const std::string& file, control::ReconcileWish wish) {
  TRY(const std::string text, read_file(file));
  TRY(const control::Pairs costs, read_costs(text));
  if (costs.empty()) return fail(ErrorKind::invalid, fmt::format("{} has no row with an id", file));
  Json all;
  constexpr std::size_t most = control::ReconcileWish::most_costs;
  for (std::size_t from = 0; from < costs.size(); from += most) {
    const auto begin = costs.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(most, costs.size() - from));
    wish.costs.assign(begin, end);
    TRY(Json part, call.daemon().reconcile(wish));
    TRY_STATUS(merge(all, std::move(part)));
  }
  return all;
}

void print_reconciled(Call& call, const Json& done) {
  const auto aligned = Table::Align::left;
  Table table({{"TRACE", aligned, true},
               {"KEY", aligned, false, 5},
               {"MODEL", aligned, false, 3},
               {"STATE", aligned, false, 4},
               {"WAS", right, false, 2},
               {"COST", right, false, 1},
               {"DIFFERENCE", right}});
  for (const Json& row : part_of(done, "changed"))
    table.add({text_of(row, "id"), text_of(row, "key"), text_of(row, "model"),
               state_cell(text_of(row, "state")), usd_cell(text_of(row, "was_usd")),
               usd_cell(text_of(row, "cost_usd")), usd_cell(text_of(row, "difference_usd"))});
  print_table(call, table, "nothing to put right");
  Output& out = call.out();
  out.note(fmt::format("{}{} changed, {} were right, difference {}",
                       flag_of(done, "dry_run") ? "dry run, nothing was written: " : "",
                       part_of(done, "changed").size(), whole_of(done, "equal"),
                       usd_cell(text_of(done, "difference_usd")).shown));
  if (auto unknown = strings_of(done, "unknown"); !unknown.empty()) {
    const std::size_t count = unknown.size();
    unknown.resize(std::min<std::size_t>(count, 5));
    out.note(fmt::format("no request here has these ids ({}): {}{}", count,
                         fmt::join(unknown, ", "), count > unknown.size() ? ", .." : ""));
  }
  if (const auto silent = strings_of(done, "unanswered"); !silent.empty())
    out.note(fmt::format("the provider does not know {} of the requests", silent.size()));
  if (const auto left = whole_of(done, "left"); left > 0)
    out.note(fmt::format("{} requests were not asked for yet; run this again", left));
}

Result<int> reconcile(Call& call) {
  const std::string file = call.word("FILE.csv");
  control::ReconcileWish wish;
  wish.provider = call.word("provider");
  wish.all = call.has("all");
  wish.dry_run = call.has("dry-run");
  if (file.empty() == wish.provider.empty())
    return fail(ErrorKind::invalid,
                "say either the file that the provider exports, or --provider ID",
                "routerone budgets reconcile --help");
  const auto done = file.empty() ? call.daemon().reconcile(wish) : reconcile_file(call, file, wish);
  if (!done) return tl::unexpected(done.error());
  if (!call.printed_json(*done)) print_reconciled(call, *done);
  return 0;
}

}  // namespace

std::vector<Command> budget_commands() {
  using Count = Argument::Count;
  const Value csv = {"FILE.csv", Value::Kind::file};
  return {
      {.noun = "budgets",
       .verb = "show",
       .summary = "show limits, what is spent of them, held and left",
       .arguments = {{value::scope, Count::optional}},
       .options = {{"check", "", "exit with 6 if a limit or the balance is used up"}},
       .run = show,
       .examples =
           {{"all there are", "budgets show"},
            {"in a script: stop before a limit stops you",
             "routerone budgets show key:ci --check --quiet && echo 'there is money left'"}},
       .about =
           "Held is what requests under way could cost at most. It is given back, but for what "
           "they came to, when they end.",
       .prints = "budget|[budget]",
       .rank = Command::Rank::common,
       .exits = {{6, "with --check: a limit or the balance is used up"}}},
      {.noun = "budgets",
       .verb = "set",
       .summary = "set a spend limit that holds",
       .arguments = {{value::scope}, {value::usd}},
       .options = spend_options(),
       .run = set,
       .examples = {{"a ceiling over everything", "budgets set wallet 50 --every month"},
                    {"for one key, by the clock instead of the calendar",
                     "budgets set key:ci 2 --every hour --rolling"}},
       .about = "A request is held against every limit it comes under before it is sent, at the "
                "most it could cost. So a limit is never passed, however many run at once.",
       .prints = "budget",
       .rank = Command::Rank::common,
       .effect = Command::Effect::changes},
      {.noun = "budgets",
       .verb = "clear",
       .summary = "take a spend limit away",
       .arguments = {{value::scope}},
       .options = {{"prepaid", "", "forget the wallet's top-ups too; asks"}},
       .run = clear,
       .examples = {{"what was spent stays in the record", "budgets clear key:ci"}},
       .prints = "budget",
       .effect = Command::Effect::changes},
      {.noun = "budgets",
       .verb = "topup",
       .summary = "add to the prepaid balance; below 0: correct it",
       .arguments = {{value::usd}},
       .options = {{"note", "TEXT", "what it was, for the list of top-ups"}},
       .run = topup,
       .examples = {{"the wallet is prepaid from the first one on", "budgets topup 20 --note card"},
                    {"a slip put right", "budgets topup -2.50"}},
       .about = "Of a prepaid wallet no more can be spent than was put in: at zero all requests "
                "stop. A correction goes down to what is left.",
       .prints = "budget",
       .effect = Command::Effect::changes},
      {.noun = "budgets",
       .verb = "reconcile",
       .summary = "put costs right by what a provider's books say",
       .arguments = {{csv, Count::optional,
                      "what the provider exports: a row a request, with its id and its cost"}},
       .options = {{"provider", value::provider,
                    "ask this provider, if it tells what a request cost"},
                   {"all", "", "all requests, not only interrupted and estimated ones"},
                   {"dry-run", "", "only show what would change"}},
       .run = reconcile,
       .examples = {{"look first", "budgets reconcile costs.csv --dry-run"},
                    {"then write it", "budgets reconcile costs.csv"}},
       .about = "After a crash what was under way is charged as it was held, and marked "
                "`interrupted`. The provider knows better: from its export, or by asking it, such "
                "costs are put right in the record and in all limits.",
       .prints = "reconciliation",
       .effect = Command::Effect::changes},
  };
}

}  // namespace routerone::cli
