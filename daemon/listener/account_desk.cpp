#include "daemon/listener/account_desk.h"

#include <functional>
#include <memory>
#include <utility>

#include "common/core/text.h"
#include "daemon/listener/generation.h"
#include "daemon/listener/query.h"

namespace routerone {
namespace {

using Days = std::chrono::days;
using Found = Result<std::optional<TraceRow>>;

/// An id of the upstream's is looked for among this many of the key's newest requests: tools ask
/// right after the answer, and rows have no index by it.
constexpr std::size_t newest_of_key = 500;
constexpr std::int64_t newest_of_all = 20'000;
constexpr std::size_t trace_id_size = 36;
constexpr std::size_t longest_id = 128;

store::Condition key_is(const std::string& key) {
  return {"key_id", store::Condition::Op::equal, false, 0, key};
}

store::Condition time_is(store::Condition::Op op, WallTime at) {
  return {"time", op, true, micros_since_epoch(at), ""};
}

/// `2026-11-20`, as the store names a day.
std::string date_of(WallTime at) { return format_rfc3339(at).substr(0, 10); }

std::optional<WallTime> day_named(const std::string& date) {
  const auto at = parse_rfc3339(date + "T00:00:00Z");
  return at ? std::optional(*at) : std::nullopt;
}

struct Starts {
  WallTime day, week, month;
};

Starts starts_at(WallTime now) {
  const auto today = std::chrono::floor<Days>(now);
  const Days since_monday = std::chrono::weekday(today) - std::chrono::Monday;
  const std::chrono::year_month_day date(today);
  return {today, today - since_monday, std::chrono::sys_days(date.year() / date.month() / 1)};
}

RecentSpend recent_of(const std::vector<store::UsageLine>& days, const Starts& starts) {
  RecentSpend recent;
  const std::string day = date_of(starts.day), week = date_of(starts.week),
                    month = date_of(starts.month);
  for (const store::UsageLine& line : days) {
    const std::string& date = line.group.front();
    if (date >= day) recent.day += line.cost;
    if (date >= week) recent.week += line.cost;
    if (date >= month) recent.month += line.cost;
  }
  return recent;
}

/// The calling key's request of that id, ours or the upstream's. Blocks.
Found find_row(const store::TraceStore& store, const std::string& key, const std::string& id) {
  if (id.size() == trace_id_size) {
    TRY(const auto found, store.find(id));
    if (found && iequals(found->row.id, id)) {
      return found->row.key_id == key ? std::optional(found->row) : std::nullopt;
    }
  }
  store::Query query;
  query.where = {key_is(key)};
  query.limit = newest_of_key;
  query.after_sequence = store.newest_sequence() - newest_of_all;
  TRY(auto rows, store.query(query));
  for (store::StoredTrace& one : rows)
    if (one.row.upstream_request_id == id) return std::optional(std::move(one.row));
  return std::optional<TraceRow>();
}

std::vector<DayCost> day_costs_of(const std::vector<store::UsageLine>& lines) {
  std::vector<DayCost> days;
  for (const store::UsageLine& line : lines) {
    const auto day = day_named(line.group[0]);
    if (day && line.cost != Money{}) days.push_back({*day, line.group[1], line.cost});
  }
  return days;
}

/// Work for the other thread, and where it leaves what it found. Made outside of coroutines, whose
/// temporaries GCC 12 cannot be trusted with.
template <class T>
struct Job {
  std::shared_ptr<std::optional<T>> found;
  std::function<void()> work;
};

template <class Read>
auto job(Read read) {
  const auto found = std::make_shared<std::optional<decltype(read())>>();
  return Job<decltype(read())>{found, [found, read = std::move(read)] { found->emplace(read()); }};
}

auto days_since(const store::TraceStore& store, const std::string& key, WallTime from) {
  store::Query query;
  query.where = {key_is(key), time_is(store::Condition::Op::greater_equal, from)};
  return job([&store, query] { return store.usage({"day"}, query); });
}

auto days_between(const store::TraceStore& store, const std::string& key, WallTime from,
                  WallTime to) {
  store::Query query;
  query.where = {key_is(key), time_is(store::Condition::Op::greater_equal, from),
                 time_is(store::Condition::Op::less, to)};
  return job([&store, query] { return store.usage({"day", "model"}, query); });
}

auto row_named(const store::TraceStore& store, const std::string& key, const std::string& id) {
  return job([&store, key, id] { return find_row(store, key, id); });
}

AccountDesk::Reply told(std::string body) { return {200, std::move(body), {}}; }

AccountDesk::Reply error(int status, std::string_view message) {
  return {status, write_account_error(status, message), {}};
}

AccountDesk::Reply busy(int status, std::string_view message) {
  AccountDesk::Reply reply = error(status, message);
  reply.retry_after = std::chrono::seconds(1);
  return reply;
}

AccountDesk::Reply told_of(const Found& row, const std::string& id) {
  if (!row) return busy(503, "the traces cannot be read just now");
  if (!*row) return error(404, "this key has no request '" + printable(id) + "'");
  return told(write_generation(**row));
}

}  // namespace

net::Task<AccountDesk::Reply> AccountDesk::answer(AccountQuestion question, std::string_view query,
                                                  const KeyRecord& key, const ControlData& data,
                                                  net::Loop& loop) {
  // Whole before anything is waited for: the snapshot they stand in may go meanwhile.
  const Account account = account_of(key, data, admission_);
  const std::string key_id = key.id;
  switch (question) {
    case AccountQuestion::subscription:
      co_return told(write_subscription(account));
    case AccountQuestion::usage: {
      const auto days = co_await day_costs(key_id, query, loop);
      co_return told(write_usage(account, days));
    }
    case AccountQuestion::key: {
      const auto recent = co_await recent_spend(key_id, loop);
      co_return told(write_key(account, recent));
    }
    case AccountQuestion::credits:
      co_return told(write_credits(account));
    case AccountQuestion::generation:
      break;
  }
  co_return co_await generation(key_id, query, loop);
}

/// Nothing where the store cannot say it now: the rest of the answer is worth having all the same.
net::Task<std::optional<RecentSpend>> AccountDesk::recent_spend(std::string key, net::Loop& loop) {
  const Starts starts = starts_at(loop.clock().wall());
  const auto look = days_since(store_, key, std::min(starts.week, starts.month));
  const bool ran = co_await lookups_.run(loop, look.work);
  if (!ran || !look.found->value()) co_return std::nullopt;
  co_return recent_of(*look.found->value(), starts);
}

net::Task<std::optional<std::vector<DayCost>>> AccountDesk::day_costs(std::string key,
                                                                      std::string_view query,
                                                                      net::Loop& loop) {
  const auto from = day_named(query_parameter(query, "start_date").value_or(""));
  const auto to = day_named(query_parameter(query, "end_date").value_or(""));
  if (!from || !to) co_return std::nullopt;
  const auto look = days_between(store_, key, *from, *to + Days(1));
  const bool ran = co_await lookups_.run(loop, look.work);
  if (!ran || !look.found->value()) co_return std::nullopt;
  co_return day_costs_of(*look.found->value());
}

net::Task<AccountDesk::Reply> AccountDesk::generation(std::string key, std::string_view query,
                                                      net::Loop& loop) {
  const std::string id = query_parameter(query, "id").value_or("");
  if (id.empty() || id.size() > longest_id) {
    co_return error(400, "say which request: ?id= with its x-request-id");
  }
  const auto look = row_named(store_, key, id);
  const bool ran = co_await lookups_.run(loop, look.work);
  if (!ran) co_return busy(429, "too many look-ups at once; try again shortly");
  co_return told_of(look.found->value(), id);
}

}  // namespace routerone
