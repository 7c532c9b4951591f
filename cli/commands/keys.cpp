#include <fmt/format.h>

#include "cli/agents/environment.h"
#include "cli/commands/limit_options.h"
#include "cli/commands/route_views.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

Result<control::KeyWish> read_wish(const Call& call) {
  control::KeyWish wish;
  wish.name = call.word("NAME");
  wish.project = call.text("project");
  TRY(wish.limits, read_limits(call));
  wish.weights = call.list("weights");
  return wish;
}

void print_key(Call& call, const Json& key) {
  Facts facts = {{"name", text_of(key, "name")},
                 {"id", text_of(key, "id")},
                 {"kind", text_of(key, "kind")},
                 {"inside", text_of(key, "inside")},
                 {"state", state_cell(text_of(key, "state"))},
                 {"project", text_of(key, "project")},
                 {"begins with", text_of(key, "hint")},
                 {"created", time_cell(text_of(key, "created"), call.clock())}};
  add_limits(facts, key, call);
  const std::string weights = weights_words(part_of(key, "weights"));
  if (!weights.empty() || !call.out().terminal()) facts.emplace_back("weights", weights);
  add_budget(facts, part_of(key, "budget"), call);
  print_facts(call.out(), facts);
  print_warnings(call, key);
}

/// The key stands alone on stdout, so that $(..) takes it; all else is for the person.
int print_new_key(Call& call, const Json& key, std::string_view what) {
  if (call.printed_json(key)) return 0;
  Output& out = call.out();
  const std::string name = text_of(key, "name");
  out.note(fmt::format("{} \"{}\"; it is shown this once:", what, name));
  out.line(text_of(key, "key"));
  std::string address = "127.0.0.1:7411";
  if (const auto status = call.daemon().status()) {
    const auto listening = strings_of(*status, "listening");
    if (!listening.empty()) address = listening.front();
  }
  out.note(Shown::lines("\n" + environment_lines(address)));
  print_warnings(call, key);
  return 0;
}

Result<int> create(Call& call) {
  TRY(const auto wish, read_wish(call));
  TRY(const Json key, call.daemon().create_key(wish));
  return print_new_key(call, key, "made the key");
}

Result<int> list(Call& call) {
  TRY(const Json keys, call.daemon().list_keys(call.has("all")));
  if (call.printed_json(keys)) return 0;
  const auto left = Table::Align::left, right = Table::Align::right;
  Table table({{"NAME"},
               {"STATE"},
               {"KEY", left, false, 3},
               {"PROJECT", left, false, 1},
               {"MODELS", left, false, 4},
               {"PROVIDERS", left, false, 6},
               {"CREATED", left, false, 5},
               {"EXPIRES", left, false, 2},
               {"SPENT", right},
               {"KIND", left, false, 7}});
  for (const Json& key : keys) {
    table.add({text_of(key, "name"), state_cell(text_of(key, "state")), text_of(key, "hint") + "..",
               text_of(key, "project"), list_of(key, "models", "all"),
               list_of(key, "providers", "all"), time_cell(text_of(key, "created"), call.clock()),
               time_cell(text_of(key, "expires"), call.clock()),
               usd_cell(text_of(key, "spent_usd")), text_of(key, "kind")});
  }
  print_table(call, table, "no keys yet; make one: routerone keys create NAME");
  return 0;
}

Result<int> show(Call& call) {
  TRY(const Json key, call.daemon().show_key(call.word("NAME")));
  if (!call.printed_json(key)) print_key(call, key);
  return 0;
}

Result<int> update(Call& call) {
  TRY(const auto wish, read_wish(call));
  if (control::to_json(wish).size() == 1)
    return fail(ErrorKind::invalid, "nothing was said to change", "routerone keys update --help");
  TRY(const Json key, call.daemon().update_key(wish));
  if (!call.printed_json(key)) print_key(call, key);
  return 0;
}

Result<int> rotate(Call& call) {
  const std::string name = call.word("NAME");
  TRY_STATUS(call.confirm(fmt::format("Replace the key \"{}\"? What uses it now stops.", name)));
  TRY(const Json key, call.daemon().rotate_key(name));
  return print_new_key(call, key, "replaced the key");
}

Result<int> revoke(Call& call) {
  const std::string name = call.word("NAME");
  TRY_STATUS(call.confirm(fmt::format("Revoke the key \"{}\"?", name)));
  TRY(const Json key, call.daemon().revoke_key(name));
  if (!call.printed_json(key)) call.out().note(fmt::format("revoked \"{}\"", name));
  return 0;
}

std::vector<Option> settings(bool update) {
  std::vector<Option> options = {{"project", value::project, "whose key it is"}};
  for (const Option& option : limit_options(update)) options.push_back(option);
  options.push_back(
      {"weights", value::weights, "what counts for its routes: see routes set; none"});
  return options;
}

}  // namespace

std::vector<Command> key_commands() {
  const Value new_name = "NAME";
  return {
      {.noun = "keys",
       .verb = "create",
       .summary = "make a key; it is printed once",
       .arguments = {{new_name, Argument::Count::one, "what to call it"}},
       .options = settings(false),
       .run = create,
       .examples = {{"for a shell: the key alone on stdout",
                     "export OPENAI_API_KEY=$(routerone keys create laptop --quiet)"},
                    {"two dollars a day, and only cheap models",
                     "keys create ci --max-spend 2 --every day --models 'openai/*-mini'"},
                    {"for a month, in a project, at most one request a second",
                     "keys create guest --project web --expires 30d --rate-limit 60"}},
       .about = "A key is what programs say to the daemon in place of a provider's key. The daemon "
                "keeps only a hash of it, so it is shown this once; keys rotate gives it a new "
                "secret.\n\n"
                "Its limits hold together with those of its project and the wallet. A request that "
                "does not fit is refused before anything is sent.",
       .prints = "new_key",
       .rank = Command::Rank::common,
       .effect = Command::Effect::changes},
      {.noun = "keys",
       .verb = "list",
       .summary = "list the keys",
       .options = {{"all", "", "revoked ones too"}},
       .run = list,
       .examples = {{"those that can be used", "keys list"},
                    {"revoked ones too", "keys list --all"}},
       .prints = "[key]"},
      {.noun = "keys",
       .verb = "show",
       .summary = "show what a key may do and what it has spent",
       .arguments = {{value::key}},
       .run = show,
       .examples = {{"its limits, and what is left of them", "keys show ci"}},
       .prints = "key"},
      {.noun = "keys",
       .verb = "update",
       .summary = "change what a key may do",
       .arguments = {{value::key}},
       .options = settings(true),
       .run = update,
       .examples = {{"another limit, from the next request on",
                     "keys update ci --max-spend 5 --every week"},
                    {"no limit any more", "keys update ci --max-spend none"}},
       .about = "What is not said stays as it is. Every limit is taken back with none, every flag "
                "with its opposite.",
       .prints = "key",
       .effect = Command::Effect::changes},
      {.noun = "keys",
       .verb = "rotate",
       .summary = "give a key a new secret",
       .arguments = {{value::key}},
       .run = rotate,
       .examples = {{"what used the old one stops at once", "keys rotate ci"}},
       .about = "Name, limits and what was spent stay.",
       .prints = "new_key",
       .effect = Command::Effect::destroys},
      {.noun = "keys",
       .verb = "revoke",
       .summary = "stop a key for good",
       .arguments = {{value::key}},
       .run = revoke,
       .examples = {{"it stays in the record, but opens nothing", "keys revoke ci"}},
       .prints = "key",
       .effect = Command::Effect::destroys},
  };
}

}  // namespace routerone::cli
