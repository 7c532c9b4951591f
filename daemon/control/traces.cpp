#include <algorithm>
#include <atomic>
#include <memory>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/nouns.h"
#include "daemon/control/server.h"
#include "daemon/routing/no_target.h"
#include "daemon/trace/filter.h"
#include "daemon/trace/trace_json.h"

namespace routerone::control {
namespace {

constexpr int most_rows = 10'000;
constexpr std::size_t rows_a_tail_call = 500;

Json to_list(const std::vector<store::StoredTrace>& traces) {
  Json out = Json::array();
  for (const auto& trace : traces) out.push_back(trace::to_json(trace));
  return out;
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const auto wish, read<TraceListWish>(body));
  if (wish.limit < 1 || wish.limit > most_rows)
    return fail(ErrorKind::invalid, "--limit is a number from 1 to 10000");
  TRY(auto query, trace::parse_filter(wish.terms, desk.services.clock.wall()));
  query.limit = static_cast<std::size_t>(wish.limit);
  TRY(const auto traces, desk.services.traces.query(query));
  return to_list(traces);
}

/// Why each that was left out was, for a person.
void add_reasons(Json& routing) {
  if (!routing.is_object()) return;
  for (Json& one : routing["excluded"])
    one["words"] = routing::reason_in_words(one["reason"].get<std::string>());
}

Result<Json> show(Desk desk, const Json& body) {
  TRY(const std::string id, read_name(body));
  TRY(const auto trace, desk.services.traces.find(id));
  if (!trace)
    return fail(ErrorKind::not_found, "there is no trace \"" + printable(id, 64) + "\"",
                "routerone traces list");
  Json out = trace::to_json(*trace);
  add_reasons(out["routing"]);
  return out;
}

/// How many tails wait at once; the others are answered at once, and come again.
class Places {
 public:
  bool take() {
    if (taken_.fetch_add(1) < Server::most_tails) return true;
    taken_.fetch_sub(1);
    return false;
  }
  void leave() { taken_.fetch_sub(1); }

 private:
  std::atomic<int> taken_{0};
};

bool wait_for_news(const store::TraceStore& traces, std::int64_t after, int wait_ms,
                   Places& places) {
  if (!places.take()) return false;
  const int wait = std::clamp(wait_ms, 0, TailWish::longest_wait);
  traces.wait_after(after, Millis(wait));
  places.leave();
  return true;
}

Result<Json> tail(Desk desk, Places& places, const Json& body) {
  TRY(const auto wish, read<TailWish>(body));
  const store::TraceStore& traces = desk.services.traces;
  TRY(auto query, trace::parse_filter(wish.terms, desk.services.clock.wall()));
  std::int64_t cursor = wish.after.value_or(traces.newest_sequence());
  const bool waited = !wish.after || wait_for_news(traces, cursor, wish.wait_ms, places);
  query.after_sequence = cursor;
  query.oldest_first = true;
  query.limit = rows_a_tail_call;
  // Taken before the query: what is committed in between comes with the next call.
  const std::int64_t newest = traces.newest_sequence();
  TRY(const auto rows, traces.query(query));
  // A full page may not be all there is; else nothing up to `newest` is left to show.
  if (rows.size() < rows_a_tail_call) cursor = std::max(cursor, newest);
  if (!rows.empty())
    cursor = rows.size() < rows_a_tail_call ? std::max(cursor, rows.back().sequence)
                                            : rows.back().sequence;
  Json out = Json::object();
  out["schema"] = schema_version;
  out["sequence"] = cursor;
  out["waited"] = waited;
  out["traces"] = to_list(rows);
  return out;
}

}  // namespace

void add_traces(Router& router, Desk desk) {
  router.on(path::trace_list, [desk](const Json& body) { return list(desk, body); });
  router.on(path::trace_show, [desk](const Json& body) { return show(desk, body); });
  router.on(path::trace_tail, [desk, places = std::make_shared<Places>()](const Json& body) {
    return tail(desk, *places, body);
  });
}

}  // namespace routerone::control
