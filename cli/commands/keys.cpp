#include <fmt/format.h>

#include "cli/agents/environment.h"
#include "cli/commands/limit_options.h"
#include "cli/commands/route_views.h"
#include "cli/commands/table.h"
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
  out.note("\n" + environment_lines(address));
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
  Table table({{"NAME"},
               {"STATE"},
               {"KEY"},
               {"PROJECT"},
               {"MODELS"},
               {"PROVIDERS"},
               {"CREATED"},
               {"EXPIRES"},
               {"SPENT", Table::Align::right},
               {"KIND"}});
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
  std::vector<Option> options = {{"project", "NAME", "whose key it is"}};
  for (const Option& option : limit_options(update)) options.push_back(option);
  options.push_back({"weights", "WEIGHTS", "what counts for its routes: see routes set; none"});
  return options;
}

}  // namespace

std::vector<Command> key_commands() {
  return {
      {"keys", "create", "make a key; it is printed once", {{"NAME"}}, settings(false), create},
      {"keys", "list", "list the keys", {}, {{"all", "", "revoked ones too"}}, list},
      {"keys", "show", "show one key", {{"NAME"}}, {}, show},
      {"keys", "update", "change what a key may do", {{"NAME"}}, settings(true), update},
      {"keys", "rotate", "give a key a new secret", {{"NAME"}}, {}, rotate},
      {"keys", "revoke", "stop a key for good", {{"NAME"}}, {}, revoke},
  };
}

}  // namespace routerone::cli
