#include "daemon/trace/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/core/money.h"
#include "common/core/text.h"

namespace routerone::trace {
namespace {

using store::Condition;
using Op = Condition::Op;

enum class Kind { text, count, money, interval, yes_no, since, until };

struct Field {
  std::string_view name;
  std::string_view column;
  Kind kind;
  std::string_view words;  ///< A closed list, separated by spaces; empty: anything.
};

constexpr std::array<Field, 26> fields = {{
    {"key", "key", Kind::text, ""},
    {"project", "project", Kind::text, ""},
    {"provider", "provider", Kind::text, ""},
    {"model", "model", Kind::text, ""},
    {"requested_model", "requested_model", Kind::text, ""},
    {"upstream_model", "upstream_model", Kind::text, ""},
    {"session", "session", Kind::text, ""},
    {"client", "client", Kind::text, ""},
    {"dialect", "dialect", Kind::text, ""},
    {"operation", "operation", Kind::text, ""},
    {"id", "id", Kind::text, ""},
    {"route", "route", Kind::text, "primary fallback auto"},
    {"state", "state", Kind::text,
     "completed completed_unmarked client_gone upstream_failed refused shed interrupted"},
    {"error", "error", Kind::text, ""},
    {"finish_reason", "finish_reason", Kind::text, ""},
    {"status", "status", Kind::count, ""},
    {"stream", "stream", Kind::yes_no, ""},
    {"input_tokens", "input_tokens", Kind::count, ""},
    {"cache_read_tokens", "cache_read_tokens", Kind::count, ""},
    {"output_tokens", "output_tokens", Kind::count, ""},
    {"cost", "cost", Kind::money, ""},
    {"latency", "latency", Kind::interval, ""},
    {"ttft", "ttft", Kind::interval, ""},
    {"overhead", "overhead", Kind::interval, ""},
    {"since", "time", Kind::since, ""},
    {"until", "time", Kind::until, ""},
}};

constexpr std::size_t longest_value = 256;

tl::unexpected<Error> bad(std::string_view term, const std::string& why, std::string hint = {}) {
  return fail(ErrorKind::invalid, fmt::format("filter \"{}\": {}", printable(term, 80), why),
              std::move(hint));
}

/// `field op value`, as written.
struct Term {
  std::string_view whole, field, value;
  Op op = Op::equal;
};

Result<Term> take_apart(std::string_view text) {
  Term term{text, {}, {}, Op::equal};
  const auto at = text.find_first_of("=!<>");
  if (at == 0 || at == text.npos)
    return bad(text, "not of the form FIELD=VALUE", "for example status>=500 or model=gpt-5*");
  const char first = text[at];
  const bool doubled = at + 1 < text.size() && text[at + 1] == '=';
  if (first == '!' && !doubled) return bad(text, "after ! comes =");
  if (first == '!') term.op = Op::not_equal;
  if (first == '<') term.op = doubled ? Op::less_equal : Op::less;
  if (first == '>') term.op = doubled ? Op::greater_equal : Op::greater;
  term.field = trim(text.substr(0, at));
  term.value = trim(text.substr(at + (doubled ? 2 : 1)));
  if (term.value.size() > longest_value) return bad(text, "the value is too long");
  return term;
}

bool is_order(Op op) { return op != Op::equal && op != Op::not_equal; }

Result<Condition> text_condition(const Term& term, const Field& field, Condition out) {
  if (is_order(term.op)) return bad(term.whole, "texts are compared with = or !=");
  if (!field.words.empty()) {
    const auto words = split(field.words, ' ');
    if (std::find(words.begin(), words.end(), term.value) == words.end()) {
      const auto near =
          nearest(term.value, std::vector<std::string>(words.begin(), words.end()), 1);
      return bad(term.whole, fmt::format("{} is one of: {}", field.name, field.words),
                 near.empty() ? "" : fmt::format("did you mean {}={}?", field.name, near.front()));
    }
  }
  out.text = std::string(term.value);
  if (term.op == Op::equal && out.text.find_first_of("*?") != out.text.npos) out.op = Op::glob;
  return out;
}

/// `1.5s`, `200ms`, `2m`: microseconds, exactly; the decimals are read as those of money are.
std::optional<std::int64_t> parse_interval(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t micros;
  };
  constexpr std::array<Unit, 5> units = {
      {{"ms", 1'000}, {"us", 1}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}}};
  for (const auto& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    const auto number = parse_usd(text.substr(0, text.size() - unit.name.size()));
    if (!number || number->picousd < 0) return std::nullopt;
    constexpr std::int64_t one = 1'000'000'000'000;
    const auto whole = number->picousd / one, rest = number->picousd % one;
    return whole * unit.micros + rest / 1'000'000 * unit.micros / 1'000'000;
  }
  return std::nullopt;
}

Result<WallTime> parse_moment(const Term& term, WallTime now) {
  if (const auto before = parse_duration(term.value)) return now - *before;
  if (const auto at = parse_rfc3339(term.value)) return *at;
  if (const auto day = parse_rfc3339(std::string(term.value) + "T00:00:00Z")) return *day;
  return bad(term.whole, "not a time", "write 2h, 7d, 2026-11-20 or 2026-11-20T12:00:00Z");
}

Result<std::int64_t> parse_number(const Term& term, Kind kind) {
  if (kind == Kind::money) {
    const auto amount = parse_usd(term.value);
    if (!amount) return bad(term.whole, "not an amount in US dollars", "for example cost>0.01");
    return amount->picousd;
  }
  if (kind == Kind::interval) {
    const auto micros = parse_interval(term.value);
    if (!micros) return bad(term.whole, "not a time span", "write 250ms, 2s or 1.5m");
    return *micros;
  }
  if (kind == Kind::yes_no) {
    if (is_order(term.op) || (term.value != "true" && term.value != "false"))
      return bad(term.whole, "it is true or false", "write stream=true or stream=false");
    return term.value == "true" ? 1 : 0;
  }
  const auto count = parse_uint(term.value);
  if (!count || *count > static_cast<std::uint64_t>(INT64_MAX))
    return bad(term.whole, "not a whole number", "for example status>=400");
  return static_cast<std::int64_t>(*count);
}

Result<Condition> time_condition(const Term& term, const Field& field, Condition out,
                                 WallTime now) {
  if (term.op != Op::equal) return bad(term.whole, fmt::format("write {}=TIME", field.name));
  TRY(const auto moment, parse_moment(term, now));
  out.is_number = true;
  out.op = field.kind == Kind::since ? Op::greater_equal : Op::less;
  out.number = micros_since_epoch(moment);
  return out;
}

Result<Condition> read_term(std::string_view text, WallTime now) {
  TRY(const auto term, take_apart(text));
  const auto field = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& f) { return f.name == term.field; });
  if (field == fields.end()) {
    const auto names = filter_fields();
    const auto near = nearest(term.field, names, 1);
    return bad(text, fmt::format("there is no field \"{}\"", printable(term.field, 40)),
               (near.empty() ? "" : fmt::format("did you mean {}? ", near.front())) +
                   fmt::format("fields: {}", fmt::join(names, " ")));
  }
  Condition out;
  out.column = std::string(field->column);
  out.op = term.op;
  if (field->kind == Kind::text) return text_condition(term, *field, std::move(out));
  if (field->kind == Kind::since || field->kind == Kind::until)
    return time_condition(term, *field, std::move(out), now);
  TRY(out.number, parse_number(term, field->kind));
  out.is_number = true;
  return out;
}

}  // namespace

Result<store::Query> parse_filter(std::span<const std::string> terms, WallTime now) {
  constexpr std::size_t most_terms = 32;
  if (terms.size() > most_terms) return fail(ErrorKind::invalid, "at most 32 filter terms");
  store::Query query;
  for (const auto& text : terms) {
    TRY(auto condition, read_term(text, now));
    query.where.push_back(std::move(condition));
  }
  return query;
}

std::vector<std::string> filter_fields() {
  std::vector<std::string> names;
  names.reserve(std::size(fields));
  for (const auto& field : fields) names.emplace_back(field.name);
  return names;
}

}  // namespace routerone::trace
