#include "daemon/store/conditions.h"

#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <array>

#include "common/core/text.h"
#include "daemon/store/facets.h"

namespace routerone::store {
namespace {

enum class Kind { text, model, number };

/// A column that filters may name, and what it is in each table (null: not there).
struct Column {
  std::string_view name;
  Kind kind;
  const char* in_traces;
  const char* in_rollups;
  bool in_groups = false;

  const char* in(Table table) const {
    switch (table) {
      case Table::traces:
        return in_traces;
      case Table::rollups:
        return in_rollups;
      case Table::groups:
        return in_groups ? in_traces : nullptr;
      case Table::words:
        break;
    }
    if (!find_facet(name)) return nullptr;
    return kind == Kind::number ? "CAST(word AS INTEGER)" : "word";
  }
};

constexpr std::array<Column, 26> columns = {{
    {"key", Kind::text, "key_name", "key_name", true},
    {"key_id", Kind::text, "key_id", "key_id", true},
    {"project", Kind::text, "project", "project", true},
    {"provider", Kind::text, "provider", "provider", true},
    {"model", Kind::model, "model", "model", true},
    {"requested_model", Kind::model, "requested_model", nullptr},
    {"upstream_model", Kind::model, "upstream_model", nullptr},
    {"session", Kind::text, "session", nullptr},
    {"client", Kind::text, "client", nullptr},
    {"dialect", Kind::text, "dialect", nullptr},
    {"operation", Kind::text, "operation", nullptr},
    {"route", Kind::text, "route", nullptr},
    {"error", Kind::text, "error", nullptr},
    {"state", Kind::text, "state", nullptr},
    {"finish_reason", Kind::text, "finish_reason", nullptr},
    {"id", Kind::text, "id", nullptr},
    {"time", Kind::number, "time", "(day * 86400000000)"},
    {"status", Kind::number, "status", nullptr},
    {"stream", Kind::number, "stream", nullptr},
    {"cost", Kind::number, "cost", nullptr},
    {"latency", Kind::number, "latency_us", nullptr},
    {"ttft", Kind::number, "ttft_us", nullptr},
    {"overhead", Kind::number, "overhead_us", nullptr},
    {"input_tokens", Kind::number, "input", nullptr},
    {"cache_read_tokens", Kind::number, "cache_read", nullptr},
    {"output_tokens", Kind::number, "output", nullptr},
}};

const Column* find_column(std::string_view name) {
  const auto* const found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return found == columns.end() ? nullptr : found;
}

const char* comparison(Condition::Op op) {
  switch (op) {
    case Condition::Op::equal:
      return " = ?";
    case Condition::Op::not_equal:
      return " IS NOT ?";
    case Condition::Op::less:
      return " < ?";
    case Condition::Op::less_equal:
      return " <= ?";
    case Condition::Op::greater:
      return " > ?";
    case Condition::Op::greater_equal:
      return " >= ?";
    case Condition::Op::glob:
      break;
  }
  return nullptr;
}

/// Empty: this comparison has no meaning for this kind of column.
std::string term(const Column& column, const char* expression, Condition::Op op) {
  if (column.kind == Kind::number) {
    const char* operation = comparison(op);
    return operation ? std::string(expression) + operation : std::string();
  }
  const bool is_model = column.kind == Kind::model;
  if (op == Condition::Op::equal && !is_model) return std::string(expression) + " = ?";
  const std::string match = is_model ? "model_match(?, " : "glob_match(?, ";
  if (op == Condition::Op::not_equal) return "NOT " + match + expression + ")";
  if (op == Condition::Op::glob || op == Condition::Op::equal) return match + expression + ")";
  return {};
}

}  // namespace

Result<Compiled> compile(const std::vector<Condition>& conditions, Table table) {
  Compiled compiled;
  for (const auto& condition : conditions) {
    const Column* column = find_column(condition.column);
    if (!column || (column->kind == Kind::number) != condition.is_number)
      return fail(ErrorKind::invalid,
                  "traces cannot be filtered by \"" + printable(condition.column, 40) + "\"");
    const char* expression = column->in(table);
    if (!expression) return Compiled{"0", {}, 1};
    const auto sql = term(*column, expression, condition.op);
    if (sql.empty())
      return fail(ErrorKind::invalid, "\"" + condition.column + "\" cannot be compared like this");
    if (!compiled.sql.empty()) compiled.sql += " AND ";
    compiled.sql += sql;
    compiled.bound.push_back(condition);
  }
  if (compiled.sql.empty()) compiled.sql = "1";
  return compiled;
}

bool has_column(Table table, const std::string& name) {
  const Column* column = find_column(name);
  return column && column->in(table);
}

void bind(const Compiled& compiled, SQLite::Statement& statement) {
  int at = compiled.first_parameter;
  for (const auto& condition : compiled.bound) {
    if (condition.is_number)
      statement.bind(at++, condition.number);
    else
      statement.bind(at++, condition.text);
  }
}

}  // namespace routerone::store
