#include "cli/commands/cost_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "common/core/money.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Record = std::vector<std::string>;

// Names of columns as exports have them, best first.
constexpr std::array<std::string_view, 4> id_names = {"generation_id", "request_id", "id",
                                                      "upstream_request_id"};
constexpr std::array<std::string_view, 7> cost_names = {
    "cost", "total_cost", "cost_total", "cost_usd", "amount", "usage", "total"};

tl::unexpected<Error> bad(std::size_t line, const std::string& why) {
  return fail(ErrorKind::invalid, fmt::format("line {}: {}", line, why));
}

/// Records one by one. A quoted field may hold commas, quotes (doubled) and line ends.
class Csv {
 public:
  explicit Csv(std::string_view text) : rest_(text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
  }

  bool done() const { return rest_.empty(); }
  std::size_t line() const { return began_; }  ///< Where the last record began.

  Result<Record> next() {
    began_ = line_;
    Record record;
    for (;;) {
      TRY(std::string field, read_field());
      record.push_back(std::move(field));
      if (take(',')) continue;
      take('\r');
      if (take('\n') || rest_.empty()) return record;
      return bad(line_, "something stands behind a closing quote");
    }
  }

 private:
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    if (wanted == '\n') ++line_;
    rest_.remove_prefix(1);
    return true;
  }

  Result<std::string> read_field() {
    if (take('"')) return read_quoted();
    const std::string_view field = rest_.substr(0, rest_.find_first_of(",\r\n"));
    rest_.remove_prefix(field.size());
    return std::string(field);
  }

  Result<std::string> read_quoted() {
    const std::size_t opened = line_;
    std::string field;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (take('"')) {
        if (!take('"')) return field;
      } else {
        take(c);
      }
      field += c;
    }
    return bad(opened, "a quote is opened and not closed");
  }

  std::string_view rest_;
  std::size_t line_ = 1, began_ = 1;
};

/// `Total Cost (USD)` as `total_cost`.
std::string plain_name(std::string_view title) {
  std::string name;
  for (const char c : lower(title.substr(0, title.find('(')))) name += c == ' ' ? '_' : c;
  while (name.ends_with('_')) name.pop_back();
  name.erase(0, std::min(name.find_first_not_of('_'), name.size()));
  return name;
}

template <std::size_t N>
std::size_t column_of(const Record& header, const std::array<std::string_view, N>& names) {
  for (const std::string_view name : names)
    for (std::size_t i = 0; i < header.size(); ++i)
      if (plain_name(header[i]) == name) return i;
  return header.size();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `1,234.56` as `1234.56`; empty if its commas do not separate thousands.
std::string without_thousands(const std::string& text) {
  const std::size_t end = std::min(text.find('.'), text.size());
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') {
      out += text[i];
      continue;
    }
    if (i == 0 || i > end || (end - i) % 4 != 0) return {};
  }
  return out;
}

/// Decimals beyond a picodollar come from binary fractions; half of one is rounded up. Only plain
/// decimals and small exponents, as numbers are printed.
std::string to_picodollars(std::string text) {
  constexpr int decimals = 12;
  int exponent = 0;
  const auto e = text.find_first_of("eE");
  if (e != text.npos) {
    const bool negative = text.substr(e + 1).starts_with('-');
    const auto digits = parse_uint(std::string_view(text).substr(
        e + 1 + (negative || text.substr(e + 1).starts_with('+') ? 1 : 0)));
    if (!digits || *digits > 30) return text;
    exponent = static_cast<int>(*digits) * (negative ? -1 : 1);
  }
  std::string mantissa = text.substr(0, e);
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  const int places = static_cast<int>(mantissa.size() - std::min(point + 1, mantissa.size()));
  const int spare = places - exponent - decimals;
  if (spare <= 0) return text;
  if (point < mantissa.size()) mantissa.erase(point, 1);
  if (!std::all_of(mantissa.begin(), mantissa.end(), is_digit)) return text;
  const auto cut = static_cast<std::size_t>(spare);
  if (cut > mantissa.size()) return "0";
  const bool up = mantissa[mantissa.size() - cut] >= '5';
  mantissa.resize(mantissa.size() - cut);
  const auto whole = parse_uint(mantissa.empty() ? "0" : mantissa);
  if (!whole) return text;
  return fmt::format("{}e-{}", *whole + (up ? 1 : 0), decimals);
}

Result<Money> read_cost(std::string_view field) {
  std::string text(trim(field));
  if (istarts_with(text, "USD")) text = trim(std::string_view(text).substr(3));
  if (text.starts_with('$')) text = trim(std::string_view(text).substr(1));
  if (text.find(',') != text.npos) text = without_thousands(text);
  return parse_usd(to_picodollars(text));
}

struct Columns {
  std::size_t id = 0, cost = 0, count = 0;
};

Result<Columns> find_columns(const Record& header) {
  const Columns found{column_of(header, id_names), column_of(header, cost_names), header.size()};
  const bool has_id = found.id < header.size(), has_cost = found.cost < header.size();
  if (has_id && has_cost) return found;
  return fail(ErrorKind::invalid,
              fmt::format("line 1: no column with the {}; there are: {}",
                          has_id ? "cost" : "request's id", fmt::join(header, ", ")),
              has_id ? fmt::format("name it one of: {}", fmt::join(cost_names, ", "))
                     : fmt::format("name it one of: {}", fmt::join(id_names, ", ")));
}

bool is_blank(const Record& record) { return record.size() == 1 && trim(record[0]).empty(); }

}  // namespace

Result<control::Pairs> read_costs(std::string_view text) {
  Csv csv(text);
  TRY(const Record header, csv.next());
  TRY(const Columns columns, find_columns(header));
  control::Pairs costs;
  std::set<std::string> seen;
  while (!csv.done()) {
    TRY(const Record record, csv.next());
    if (is_blank(record)) continue;
    if (record.size() != columns.count)
      return bad(csv.line(),
                 fmt::format("{} fields where the header has {}", record.size(), columns.count));
    const std::string id(trim(record[columns.id]));
    if (id.empty()) continue;
    const auto cost = read_cost(record[columns.cost]);
    if (!cost)
      return bad(csv.line(),
                 fmt::format("\"{}\" is not a cost", printable(record[columns.cost], 40)));
    if (*cost < Money{}) return bad(csv.line(), "a cost below 0; nobody is credited");
    if (!seen.insert(id).second)
      return bad(csv.line(), fmt::format("{} stands here twice", printable(id, 80)));
    costs.emplace_back(id, format_usd(*cost));
  }
  return costs;
}

}  // namespace routerone::cli
