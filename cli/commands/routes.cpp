#include <fmt/format.h>

#include "cli/commands/table.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

Result<int> show(Call& call) {
  TRY(const Json routes, call.daemon().show_routes());
  if (call.printed_json(routes)) return 0;
  Table table({{"KIND"}, {"NAME"}, {"GOES TO"}});
  for (const Json& alias : part_of(routes, "aliases"))
    table.add({"alias", text_of(alias, "alias"), text_of(alias, "model")});
  for (const Json& chain : part_of(routes, "fallbacks"))
    table.add({"fallback", text_of(chain, "model"), list_of(chain, "chain")});
  print_table(call, table, "no aliases and no fallback chains");
  call.out().note(fmt::format("after a failure up to {} other targets are tried",
                              whole_of(routes, "failover_switches")));
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

std::vector<Command> route_commands() {
  return {
      {"routes", "show", "show aliases and fallback chains", {}, {}, show},
      {"routes",
       "fallback",
       "let other models stand in for one that fails",
       {{"MODEL"}, {"A,B", Argument::Count::optional}},
       {{"clear", "", "take the chain away"}},
       fallback},
  };
}

}  // namespace routerone::cli
