#include <fmt/format.h>

#include "cli/commands/limit_options.h"
#include "cli/commands/route_views.h"
#include "cli/commands/table.h"
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
  Table table({{"NAME"}, {"KEYS"}, {"SPEND LIMIT"}, {"LEFT", right}, {"SPENT", right}});
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
  return {
      {"projects",
       "create",
       "make a project: keys that share limits",
       {{"NAME"}},
       limit_options(false),
       create},
      {"projects", "list", "list the projects", {}, {}, list},
      {"projects", "show", "show one project", {{"NAME"}}, {}, show},
      {"projects",
       "update",
       "change what a project's keys may do together",
       {{"NAME"}},
       limit_options(true),
       update},
      {"projects", "remove", "remove a project that no key is in", {{"NAME"}}, {}, remove},
  };
}

}  // namespace routerone::cli
