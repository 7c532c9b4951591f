#include <algorithm>

#include "cli/commands/table.h"
#include "cli/commands/views.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

Result<int> usage(Call& call) {
  control::UsageWish wish;
  wish.by = call.list("by").value_or(std::vector<std::string>());
  wish.terms = call.all("FILTER");
  for (const char* bound : {"since", "until"})
    if (const auto when = call.text(bound)) wish.terms.push_back(std::string(bound) + "=" + *when);
  TRY(const Json lines, call.daemon().usage(wish));
  if (call.printed_json(lines)) return 0;

  std::vector<Table::Column> columns;
  for (const std::string& group : wish.by) {
    std::string title = group;
    std::transform(title.begin(), title.end(), title.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    columns.push_back({title});
  }
  for (const char* title : {"REQUESTS", "ERRORS", "COST", "COST UNKNOWN", "INPUT", "OUTPUT",
                            "CACHE READ", "CACHE WRITE"})
    columns.push_back({title, Table::Align::right});
  Table table(columns);
  for (const Json& line : lines) {
    std::vector<Cell> row;
    for (const std::string& group : wish.by) row.emplace_back(text_of(line, group.c_str()));
    row.push_back(count_cell(line, "requests"));
    row.push_back(count_cell(line, "errors"));
    row.push_back(usd_cell(text_of(line, "cost_usd")));
    for (const char* count : {"unknown_cost_requests", "input_tokens", "output_tokens",
                              "cache_read_tokens", "cache_write_tokens"})
      row.push_back(count_cell(line, count));
    table.add(std::move(row));
  }
  print_table(call, table, "nothing was used");
  return 0;
}

}  // namespace

std::vector<Command> usage_commands() {
  return {
      {"",
       "usage",
       "sum up requests, tokens and cost",
       {{"FILTER", Argument::Count::many}},
       {{"by", "GROUP,..", "model, key, project, provider, session, client, day, hour"},
        {"since", "TIME", "7d, 2h, or an RFC 3339 time"},
        {"until", "TIME", "the same"}},
       usage},
  };
}

}  // namespace routerone::cli
