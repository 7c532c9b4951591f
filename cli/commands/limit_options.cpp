#include "cli/commands/limit_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/values.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

/// On, off, or not said.
Result<std::optional<bool>> read_flag(const Call& call, const char* on, const char* off) {
  if (call.has(on) && call.has(off))
    return fail(ErrorKind::invalid, fmt::format("--{} and --{} cannot go together", on, off));
  if (call.has(on)) return std::optional<bool>(true);
  if (call.has(off)) return std::optional<bool>(false);
  return std::optional<bool>();
}

/// `--models "$M"` where M is empty must not become a key for everything.
Result<std::optional<std::vector<std::string>>> read_names(const Call& call, const char* option) {
  auto names = call.list(option);
  if (names && names->empty())
    return fail(ErrorKind::invalid, fmt::format("--{} names none", option),
                fmt::format("for all of them: --{} '*'", option));
  return names;
}

std::string every_words(const Json& limit) {
  const std::string every = text_of(limit, "every");
  if (every == "total" || every.empty()) return "in total";
  const char* article = every == "hour" ? "an" : "a";
  if (flag_of(limit, "rolling")) return fmt::format("in any {}", every);
  const std::string zone = text_of(limit, "timezone");
  return fmt::format("{} {}{}", article, every, zone.empty() ? "" : ", in " + zone);
}

void add(std::vector<Option>& to, std::vector<Option> more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::vector<Option> in_group(std::vector<Option> options) {
  for (Option& option : options) option.group = "limits";
  return options;
}

/// For a person what is set, for a program always.
void add_if_set(Facts& facts, Call& call, const char* name, Cell cell) {
  if (!cell.plain.empty() || !call.out().terminal()) facts.emplace_back(name, std::move(cell));
}

}  // namespace

std::vector<Option> spend_options() {
  return in_group({
      {"every", value::every, "begin anew each hour, day, week or month; total: never"},
      {"rolling", "", "count the last hour, day, .. instead of the calendar's"},
      {"timezone", value::zone, "whose calendar, like Europe/Berlin; this machine's unless said"},
      {"warn", value::percent, "at how much of it to warn; 80% unless said"},
  });
}

std::vector<Option> limit_options(bool update) {
  const Value on_limit = {"WHAT", Value::Kind::choice, "clamp|refuse"};
  const Value retention = {"WHAT", Value::Kind::choice, "zdr|none"};
  std::vector<Option> all = {{"max-spend", value::usd, "a spend limit that holds; none: no limit"}};
  add(all, spend_options());
  add(all, {
               {"rate-limit", value::count, "requests a minute; none: no limit"},
               {"requests-per-day", value::count, "requests a day; none: no limit"},
               {"token-limit-tpm", value::count, "tokens a minute; none: no limit"},
               {"concurrency", value::count, "requests at once; none: no limit"},
               {"models", value::model_globs, "only these models; * for all", true},
               {"providers", value::providers, "only these providers; * for all", true},
               {"expires", value::expiry, "30d, 2026-12-31, an RFC 3339 time, or never"},
               {"require", retention, "zdr: only where nothing is retained; none: anywhere"},
               {"no-training", "", "only where nothing is trained on"},
               {"region", "REGION", "only in this region, like eu; none: anywhere"},
               {"unpriced", "", "models without a known price serve in spite of a spend limit"},
               {"on-limit", on_limit, "clamp the output cap to what is left, or refuse"},
               {"dry-run-limits", "", "only log what the limits would refuse"},
           });
  if (update)
    add(all, {
                 {"no-rolling", "", "by the calendar again"},
                 {"allow-training", "", "take --no-training back"},
                 {"no-unpriced", "", "take --unpriced back"},
                 {"no-dry-run-limits", "", "take --dry-run-limits back: the limits hold again"},
             });
  return in_group(std::move(all));
}

Result<control::SpendWish> read_spend(const Call& call) {
  control::SpendWish wish;
  wish.max_spend = call.text("max-spend");
  wish.every = call.text("every");
  TRY(wish.rolling, read_flag(call, "rolling", "no-rolling"));
  wish.timezone = call.text("timezone");
  wish.warn = call.text("warn");
  return wish;
}

Result<control::LimitsWish> read_limits(const Call& call) {
  control::LimitsWish wish;
  TRY(wish.spend, read_spend(call));
  wish.rate_limit = call.text("rate-limit");
  wish.requests_per_day = call.text("requests-per-day");
  wish.token_limit_tpm = call.text("token-limit-tpm");
  wish.concurrency = call.text("concurrency");
  TRY(wish.models, read_names(call, "models"));
  TRY(wish.providers, read_names(call, "providers"));
  wish.expires = call.text("expires");
  wish.require = call.text("require");
  TRY(wish.no_training, read_flag(call, "no-training", "allow-training"));
  wish.region = call.text("region");
  wish.on_limit = call.text("on-limit");
  TRY(wish.unpriced, read_flag(call, "unpriced", "no-unpriced"));
  TRY(wish.dry_run, read_flag(call, "dry-run-limits", "no-dry-run-limits"));
  return wish;
}

Cell spend_limit_cell(const Json& limit) {
  if (!limit.is_object()) return {"none", ""};
  const Cell amount = usd_cell(text_of(limit, "usd"));
  return {fmt::format("{} {}", amount.shown, every_words(limit)), amount.plain};
}

void add_limits(Facts& facts, const Json& scope, Call& call) {
  const std::string expires = text_of(scope, "expires");
  facts.emplace_back("models", list_of(scope, "models", "all"));
  facts.emplace_back("providers", list_of(scope, "providers", "all"));
  facts.emplace_back("expires",
                     expires.empty() ? Cell("never", "") : time_cell(expires, call.clock()));
  facts.emplace_back("spend limit", spend_limit_cell(part_of(scope, "max_spend")));
  add_if_set(facts, call, "requests a minute", text_of(scope, "rate_limit"));
  add_if_set(facts, call, "requests a day", text_of(scope, "requests_per_day"));
  add_if_set(facts, call, "tokens a minute", text_of(scope, "token_limit_tpm"));
  add_if_set(facts, call, "requests at once", text_of(scope, "concurrency"));
  add_if_set(facts, call, "requires", text_of(scope, "require"));
  add_if_set(facts, call, "training", flag_of(scope, "no_training") ? "never" : "");
  add_if_set(facts, call, "region", text_of(scope, "region"));
  add_if_set(facts, call, "unpriced models", flag_of(scope, "unpriced") ? "allowed" : "");
  add_if_set(facts, call, "on a limit", text_of(scope, "on_limit") == "refuse" ? "refuse" : "");
  add_if_set(facts, call, "limits", flag_of(scope, "dry_run_limits") ? "dry run: only logged" : "");
}

Cell used_cell(const Json& budget) {
  constexpr std::int64_t cells = 10;
  if (text_of(budget, "used_percent").empty()) return {"", ""};
  const std::int64_t percent = whole_of(budget, "used_percent");
  const auto full =
      static_cast<std::size_t>(std::clamp(percent * cells / 100, std::int64_t{0}, cells));
  const Color color = percent >= 100 ? Color::red : percent >= 80 ? Color::yellow : Color::green;
  return {fmt::format("[{:-<10}] {}%", std::string(full, '#'), percent), std::to_string(percent),
          color};
}

void add_budget(Facts& facts, const Json& budget, Call& call) {
  const auto usd = [&](const char* field) {
    const std::string amount = text_of(budget, field);
    return amount.empty() ? Cell("", "") : usd_cell(amount);
  };
  facts.emplace_back("spent", usd("spent_usd"));
  facts.emplace_back("held", usd("reserved_usd"));
  add_if_set(facts, call, "left", usd("left_usd"));
  add_if_set(facts, call, "used", used_cell(budget));
  add_if_set(facts, call, "begins anew", time_cell(text_of(budget, "resets"), call.clock()));
  add_if_set(facts, call, "balance", usd("balance_usd"));
  if (text_of(budget, "spent_usd") != text_of(budget, "settled_usd"))
    facts.emplace_back("spent in all", usd("settled_usd"));
  if (flag_of(budget, "stopped"))
    facts.emplace_back("stopped",
                       Cell("a provider charged more than was held", "stopped", Color::red));
}

void print_warnings(Call& call, const Json& answer) {
  for (const std::string& warning : strings_of(answer, "warnings"))
    call.out().note("warning: " + warning);
}

}  // namespace routerone::cli
