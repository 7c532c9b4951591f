#include <fmt/format.h>

#include "cli/commands/limit_options.h"
#include "cli/commands/route_views.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

Result<control::ProjectWish> read_wish(const Call& call) {
  control::ProjectWish wish;
  wish.name = call.word("NAME");
  TRY(wish.limits, read_limits(call));
  return wish;
}

void print_project(Call& call, const Json& project) {
  Facts facts = {{"name", text_of(project, "name")}, {"keys", list_of(project, "keys")}};
  const std::string created = text_of(project, "created");
  facts.emplace_back("created", created.empty() ? Cell("", "") : time_cell(created, call.clock()));
  add_limits(facts, project, call);
  facts.emplace_back("weights", weights_words(part_of(part_of(project, "routing"), "weights")));
  add_budget(facts, part_of(project, "budget"), call);
  print_facts(call.out(), facts);
}

Result<int> finish(Call& call, const Json& project) {
  if (call.printed_json(project)) return 0;
  print_project(call, project);
  print_warnings(call, project);
  return 0;
}

Result<int> create(Call& call) {
  TRY(const auto wish, read_wish(call));
  TRY(const Json project, call.daemon().create_project(wish));
  return finish(call, project);
}

Result<int> list(Call& call) {
  TRY(const Json projects, call.daemon().list_projects());
  if (call.printed_json(projects)) return 0;
  const auto right = Table::Align::right;
  Table table({{"NAME"},
               {"KEYS", Table::Align::left, false, 2},
               {"SPEND LIMIT", Table::Align::left, false, 1},
               {"LEFT", right},
               {"SPENT", right}});
  for (const Json& project : projects) {
    const std::string left = text_of(part_of(project, "budget"), "left_usd");
    table.add({text_of(project, "name"), list_of(project, "keys"),
               spend_limit_cell(part_of(project, "max_spend")),
               left.empty() ? Cell("", "") : usd_cell(left),
               usd_cell(text_of(project, "spent_usd"))});
  }
  print_table(call, table, "no projects");
  return 0;
}

Result<int> show(Call& call) {
  TRY(const Json project, call.daemon().show_project(call.word("NAME")));
  return finish(call, project);
}

Result<int> update(Call& call) {
  TRY(const auto wish, read_wish(call));
  if (control::to_json(wish).size() == 1)
    return fail(ErrorKind::invalid, "nothing was said to change",
                "routerone projects update --help");
  TRY(const Json project, call.daemon().update_project(wish));
  return finish(call, project);
}

Result<int> remove(Call& call) {
  const std::string name = call.word("NAME");
  TRY_STATUS(call.confirm(fmt::format("Remove the project \"{}\" and its limits?", name)));
  TRY(const Json project, call.daemon().remove_project(name));
  if (!call.printed_json(project)) call.out().note(fmt::format("removed \"{}\"", name));
  return 0;
}

}  // namespace

std::vector<Command> project_commands() {
  const Value new_name = "NAME";
  return {
      {.noun = "projects",
       .verb = "create",
       .summary = "make a project: keys that share limits",
       .arguments = {{new_name, Argument::Count::one, "what to call it"}},
       .options = limit_options(false),
       .run = create,
       .examples = {{"ten dollars a day for all its keys together, by Berlin's calendar",
                     "projects create shop --max-spend 10 --every day --timezone Europe/Berlin"},
                    {"nothing that is said may be kept or learnt from",
                     "projects create clinic --require zdr --no-training --region eu"}},
       .about = "Every key is in one project; without a word it is `default`, which always exists. "
                "A project's limits hold for the sum of its keys.",
       .prints = "project",
       .effect = Command::Effect::changes},
      {.noun = "projects",
       .verb = "list",
       .summary = "list the projects",
       .run = list,
       .examples = {{"with their keys, and what they spent", "projects list"}},
       .prints = "[project]"},
      {.noun = "projects",
       .verb = "show",
       .summary = "show one project",
       .arguments = {{value::project}},
       .run = show,
       .examples = {{"its limits, and what is left of them", "projects show web"}},
       .prints = "project"},
      {.noun = "projects",
       .verb = "update",
       .summary = "change what a project's keys may do together",
       .arguments = {{value::project}},
       .options = limit_options(true),
       .run = update,
       .examples = {{"at most four requests at once", "projects update web --concurrency 4"},
                    {"no limit any more", "projects update web --concurrency none"}},
       .about = "What is not said stays as it is.",
       .prints = "project",
       .effect = Command::Effect::changes},
      {.noun = "projects",
       .verb = "remove",
       .summary = "remove a project that no key is in",
       .arguments = {{value::project}},
       .run = remove,
       .examples = {{"its limits go with it", "projects remove web"}},
       .prints = "project",
       .effect = Command::Effect::destroys},
  };
}

}  // namespace routerone::cli
