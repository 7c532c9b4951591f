#include "cli/commands/usage_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "cli/commands/views.h"
#include "cli/terminal/bars.h"
#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

constexpr int narrow = 60, wide = 120;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

double number_of(const Json& line, const char* field) {
  const Json& value = part_of(line, field);
  return value.is_number() ? value.get<double>() : 0;
}

std::int64_t tokens_of(const Json& line) {
  std::int64_t sum = 0;
  for (const char* field :
       {"input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"})
    sum += whole_of(line, field);
  return sum;
}

Cell cost_cell(const Json& line) {
  const bool more = whole_of(line, "unknown_cost_requests") > 0;
  return {short_usd({whole_of(line, "cost_picousd")}) + (more ? "+" : ""), "",
          more ? Color::yellow : Color::none};
}

Cell share_cell(const Json& line, const char* field) {
  if (!part_of(line, field).is_number()) return {"", ""};
  const double percent = number_of(line, field) * 100;
  return {fmt::format("{:.{}f}%", percent, percent > 0 && percent < 9.95 ? 1 : 0), ""};
}

Cell error_cell(const Json& line) {
  Cell cell = share_cell(line, "error_share");
  const double share = number_of(line, "error_share");
  cell.color = share >= 0.05 ? Color::red : share > 0 ? Color::yellow : Color::none;
  return cell;
}

Cell millis_cell(const Json& line, const char* field) {
  if (!part_of(line, field).is_number()) return {"", ""};
  return {short_duration(number_of(line, field)), ""};
}

/// Everything is drawn by what it costs, or by the requests where nothing costs anything.
struct Scale {
  const char* field = "cost_picousd";
  double highest = 0;

  explicit Scale(const Json& lines) {
    for (const char* measure : {"cost_picousd", "requests"}) {
      field = measure;
      for (const Json& line : lines) highest = std::max(highest, number_of(line, field));
      if (highest > 0) return;
    }
  }
};

Cell bar_cell(const Json& line, const Json& total, const Scale& scale, std::size_t width) {
  const double share = scale.highest > 0 ? number_of(line, scale.field) / scale.highest : 0;
  if (&line == &total) return {" ", ""};
  return {bar(share, width, can_draw_blocks()), "", Color::cyan};
}

Cell spark_cell(const Json& line, const Scale& scale) {
  std::vector<std::int64_t> values;
  for (const Json& part : part_of(line, "parts")) values.push_back(whole_of(part, scale.field));
  if (values.empty()) return {" ", ""};
  return {sparkline(values, can_draw_blocks()), "", Color::cyan};
}

/// What is told of each line and of the total, and how it is made.
struct Measure {
  Table::Column head;
  std::function<Cell(const Json& line)> cell;
};

/// Where it is narrow, costs stay longest, then bars, then requests.
std::vector<Measure> measures_of(const Json& lines, const Json& total, int width) {
  const auto left = Table::Align::left, right = Table::Align::right;
  const std::size_t bar_width = width < narrow ? 6 : width < wide ? 10 : 20;
  const Scale scale(lines);
  const auto share = [](const char* field) {
    return [field](const Json& line) { return share_cell(line, field); };
  };
  const auto millis = [](const char* field) {
    return [field](const Json& line) { return millis_cell(line, field); };
  };
  std::vector<Measure> measures = {
      {{"COST", right, true}, cost_cell},
      {{"", left, true, 1},
       [=, &total](const Json& line) { return bar_cell(line, total, scale, bar_width); }},
      {{"REQUESTS", right, true, 2},
       [](const Json& line) { return Cell(short_count(whole_of(line, "requests"))); }},
      {{"TOKENS", right, true, 3},
       [](const Json& line) { return Cell(short_count(tokens_of(line))); }},
      {{"CACHED", right, true, 6}, share("cache_hit_share")},
      {{"ERRORS", right, true, 5}, error_cell},
      {{"P50", right, true, 8}, millis("p50_ms")},
      {{"P95", right, true, 7}, millis("p95_ms")}};
  if (!part_of(total, "parts").empty())
    measures.push_back(
        {{"OVER TIME", left, true, 4}, [=](const Json& line) { return spark_cell(line, scale); }});
  return measures;
}

/// The names of a line's groups; of the total, that it is that.
std::vector<Cell> group_cells(const std::vector<std::string>& by, const Json& line, bool is_total) {
  std::vector<Cell> cells;
  for (const std::string& group : by) {
    const std::string name = text_of(line, group.c_str());
    if (is_total)
      cells.emplace_back(cells.empty() ? "total" : " ", "", Color::bold);
    else
      cells.emplace_back(name.empty() ? "(none)" : name);
  }
  return cells;
}

}  // namespace

int usage_parts(int width) { return width < narrow ? 0 : width < wide ? 12 : 24; }

void print_usage_chart(Call& call, const std::vector<std::string>& by, const Json& lines,
                       const Json& total) {
  const auto measures = measures_of(lines, total, call.out().width());
  std::vector<Table::Column> heads;
  heads.reserve(by.size() + measures.size());
  for (const std::string& group : by) heads.push_back({upper(group)});
  for (const Measure& measure : measures) heads.push_back(measure.head);
  Table table(heads);
  const auto add = [&](const Json& line) {
    std::vector<Cell> row = group_cells(by, line, &line == &total);
    for (const Measure& measure : measures) row.push_back(measure.cell(line));
    table.add(std::move(row));
  };
  for (const Json& line : lines) add(line);
  add(total);
  table.print(call.out());
}

void print_usage_rows(Call& call, const std::vector<std::string>& by, const Json& lines) {
  constexpr const char* fields[] = {
      "requests",     "errors",        "cost_usd",          "unknown_cost_requests",
      "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
      "p50_ms",       "p95_ms",        "error_share",       "cache_hit_share"};
  const std::vector<Table::Column> columns(by.size() + std::size(fields));
  Table table(columns);
  for (const Json& line : lines) {
    std::vector<Cell> row;
    row.reserve(columns.size());
    for (const std::string& group : by) row.emplace_back(text_of(line, group.c_str()));
    for (const char* field : fields) row.emplace_back(text_of(line, field));
    table.add(std::move(row));
  }
  table.print(call.out());
}

}  // namespace routerone::cli
