#include "daemon/store/usage_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "common/core/saturating.h"
#include "common/core/text.h"
#include "daemon/store/rollups.h"

namespace routerone::store {
namespace {

struct Named {
  std::string_view name;
  Grouping grouping;
};
constexpr std::array<Named, 8> names = {{{"model", Grouping::model},
                                         {"key", Grouping::key},
                                         {"project", Grouping::project},
                                         {"provider", Grouping::provider},
                                         {"session", Grouping::session},
                                         {"client", Grouping::client},
                                         {"day", Grouping::day},
                                         {"hour", Grouping::hour}}};

std::int64_t tokens_of(const UsageSums& sums) {
  std::int64_t all = 0;
  for (const auto part : {sums.input, sums.cache_read, sums.cache_write, sums.output})
    all = saturating_add(all, part);
  return all;
}

/// So many of `whole` of an amount, without an overflow on the way.
std::int64_t share(std::int64_t amount, std::int64_t of, std::int64_t whole) {
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>(static_cast<Wide>(amount) * of / whole);
}

void add_part(UsagePart& to, const UsagePart& part) {
  to.cost += part.cost;
  to.requests = saturating_add(to.requests, part.requests);
  to.tokens = saturating_add(to.tokens, part.tokens);
}

}  // namespace

Result<UsageLines> UsageLines::make(const UsageQuery& query, TimeRange range) {
  UsageLines lines;
  for (const auto& name : query.by) {
    const auto* const found =
        std::find_if(names.begin(), names.end(), [&](const Named& n) { return n.name == name; });
    if (found == names.end())
      return fail(ErrorKind::invalid, "usage cannot be grouped by \"" + printable(name, 40) + "\"",
                  "group by model, key, project, provider, session, client, day or hour");
    lines.by_.push_back(found->grouping);
  }
  lines.offset_ = query.offset;
  lines.parts_ = static_cast<std::size_t>(std::max(query.parts, 0));
  lines.range_ = range;
  return lines;
}

bool UsageLines::by(Grouping grouping) const {
  return std::find(by_.begin(), by_.end(), grouping) != by_.end();
}

bool UsageLines::by_labels() const {
  return std::any_of(by_.begin(), by_.end(), [](Grouping g) { return g < Grouping::day; });
}

std::string UsageLines::time_label(Grouping grouping, std::int64_t time) const {
  using namespace std::chrono;
  const WallTime at = wall_from_micros(time);
  const seconds offset = offset_ ? offset_(at) : seconds(0);
  const auto local = floor<seconds>(at) + offset;
  const year_month_day day{floor<days>(local)};
  const std::string date =
      fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  if (grouping == Grouping::day) return date;
  const auto hour = duration_cast<hours>(local - floor<days>(local)).count();
  if (offset.count() == 0) return fmt::format("{}T{:02}:00Z", date, hour);
  const auto minutes_east = std::abs(duration_cast<minutes>(offset).count());
  return fmt::format("{}T{:02}:00{}{:02}:{:02}", date, hour, offset.count() < 0 ? '-' : '+',
                     minutes_east / 60, minutes_east % 60);
}

/// A quarter of an hour is always of one day and one hour, in whatever zone.
void UsageLines::find_time(std::int64_t time) {
  if (!by_time()) return;
  const auto quarter = quarter_of(wall_from_micros(time));
  if (quarter == quarter_) return;
  quarter_ = quarter;
  auto day = by(Grouping::day) ? time_label(Grouping::day, time) : std::string();
  auto hour = by(Grouping::hour) ? time_label(Grouping::hour, time) : std::string();
  if (day == day_ && hour == hour_) return;
  day_ = std::move(day);
  hour_ = std::move(hour);
  of_group_.clear();
  last_line_ = nullptr;
}

UsageLines::Group UsageLines::group_of(const UsageLabels& labels) const {
  Group group;
  group.reserve(by_.size());
  for (const auto grouping : by_) {
    if (grouping == Grouping::day)
      group.push_back(day_);
    else if (grouping == Grouping::hour)
      group.push_back(hour_);
    else
      group.push_back(labels[static_cast<std::size_t>(grouping)]);
  }
  return group;
}

UsageLines::Line& UsageLines::at(const UsageLabels& labels, std::int64_t time) {
  find_time(time);
  if (last_line_ && labels == last_labels_) return *last_line_;
  last_labels_ = labels;
  last_line_ = &lines_[group_of(labels)];
  return *last_line_;
}

UsageLines::Line& UsageLines::at(std::int64_t whose, const UsageLabels& labels, std::int64_t time) {
  find_time(time);
  Line*& known = of_group_[whose];
  if (!known) known = &lines_[group_of(labels)];
  return *known;
}

void UsageLines::add(Line& line, const UsageSums& sums, TimeRange when) {
  line.sums.add(sums);
  if (parts_ > 0) add_parts(line, {sums.cost, sums.requests, tokens_of(sums)}, when);
}

void UsageLines::add(Line& line, const UsageFacts& facts, std::int64_t time) {
  line.sums.add(facts);
  if (parts_ == 0) return;
  const auto tokens = facts.input + facts.cache_read + facts.cache_write + facts.output;
  add_parts(line, {facts.cost.value_or(Money{}), 1, tokens}, {time, time + 1});
}

std::int64_t UsageLines::part_start(std::size_t part) const {
  return range_.from + share(range_.until - range_.from, static_cast<std::int64_t>(part),
                             static_cast<std::int64_t>(parts_));
}

std::size_t UsageLines::part_of(std::int64_t time) const {
  if (time < range_.from) return 0;
  if (time >= range_.until) return parts_ - 1;
  auto part = static_cast<std::size_t>(
      share(time - range_.from, static_cast<std::int64_t>(parts_), range_.until - range_.from));
  if (part + 1 < parts_ && time >= part_start(part + 1)) ++part;  // rounded down on the way
  return std::min(part, parts_ - 1);
}

/// What took place in a time is spread over its parts evenly; what that leaves goes to the last.
void UsageLines::add_parts(Line& line, const UsagePart& amount, TimeRange when) {
  line.parts.resize(parts_);
  const std::size_t last = part_of(when.until - 1);
  UsagePart left = amount;
  for (std::size_t part = part_of(when.from); part < last; ++part) {
    const auto from = std::max(part_start(part), when.from);
    const auto length = part_start(part + 1) - from, whole = when.until - when.from;
    const UsagePart some{Money{share(amount.cost.picousd, length, whole)},
                         share(amount.requests, length, whole),
                         share(amount.tokens, length, whole)};
    add_part(line.parts[part], some);
    left.cost -= some.cost;
    left.requests -= some.requests;
    left.tokens -= some.tokens;
  }
  add_part(line.parts[last], left);
}

/// By the groups without session and client, which is all that roll-ups know.
std::map<UsageLines::Group, UsageSums> UsageLines::without_rows() const {
  std::map<Group, UsageSums> sums;
  for (const auto& [group, line] : lines_) {
    Group without = group;
    for (std::size_t i = 0; i < by_.size(); ++i)
      if (by_[i] == Grouping::session || by_[i] == Grouping::client) without[i].clear();
    sums[without].add(line.sums);
  }
  return sums;
}

void UsageLines::add_rest_of(const UsageLines& all) {
  auto here = without_rows();
  for (auto [group, rest] : all.without_rows()) {
    const UsageSums& seen = here[group];
    for (const auto count : {&UsageSums::requests, &UsageSums::errors, &UsageSums::input,
                             &UsageSums::cache_read, &UsageSums::cache_write, &UsageSums::output,
                             &UsageSums::reasoning, &UsageSums::unknown_cost})
      rest.*count -= seen.*count;
    rest.cost -= seen.cost;
    rest.latency = rest.ttft = {};
    if (rest.requests > 0) lines_[group].sums.add(rest);
  }
}

std::vector<UsageLine> UsageLines::finish() && {
  std::vector<UsageLine> out;
  out.reserve(lines_.size());
  for (auto& [group, line] : lines_) {
    const UsageSums& sums = line.sums;
    UsageLine& made = out.emplace_back();
    made.group = group;
    made.requests = sums.requests;
    made.errors = sums.errors;
    made.input_tokens = sums.input;
    made.cache_read_tokens = sums.cache_read;
    made.cache_write_tokens = sums.cache_write;
    made.output_tokens = sums.output;
    made.reasoning_tokens = sums.reasoning;
    made.unknown_cost = sums.unknown_cost;
    made.cost = sums.cost;
    made.latency_p50 = sums.latency.percentile(50);
    made.latency_p95 = sums.latency.percentile(95);
    made.ttft_p50 = sums.ttft.percentile(50);
    made.ttft_p95 = sums.ttft.percentile(95);
    made.parts = std::move(line.parts);
    made.parts.resize(parts_);
  }
  return out;
}

}  // namespace routerone::store
