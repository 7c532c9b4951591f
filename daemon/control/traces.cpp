#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
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
constexpr int longest_patience_ms = 10'000;
constexpr std::size_t rows_a_tail_call = 500;
constexpr Millis tail_patience{250};
constexpr Millis prune_patience{10'000};  // then the caller asks again

Json to_list(const std::vector<store::StoredTrace>& traces) {
  Json out = Json::array();
  for (const auto& trace : traces) out.push_back(trace::to_json(trace));
  return out;
}

Status check_limit(int limit) {
  if (limit >= 1 && limit <= most_rows) return {};
  return fail(ErrorKind::invalid, "--limit is a number from 1 to 10000");
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const auto wish, read<TraceListWish>(body));
  TRY_STATUS(check_limit(wish.limit));
  TRY(auto query, trace::parse_filter(wish.terms, desk.services.clock.wall()));
  query.limit = static_cast<std::size_t>(wish.limit);
  TRY(const auto traces, desk.services.traces.query(query));
  return to_list(traces);
}

Result<Json> page(Desk desk, const Json& body) {
  TRY(const auto wish, read<TracePageWish>(body));
  TRY_STATUS(check_limit(wish.limit));
  TRY(auto query, trace::parse_filter(wish.terms, desk.services.clock.wall()));
  query.limit = static_cast<std::size_t>(wish.limit);
  query.oldest_first = wish.oldest_first;
  if (wish.cursor)
    (wish.oldest_first ? query.after_sequence : query.before_sequence) = *wish.cursor;
  const Millis patience(std::clamp(wish.patience_ms, 1, longest_patience_ms));
  TRY(const auto found, desk.services.traces.page(query, patience));
  Json out = Json::object();
  out["schema"] = schema_version;
  out["traces"] = to_list(found.traces);
  out["cursor"] = found.cursor ? Json(*found.cursor) : Json(nullptr);
  out["complete"] = !found.cursor;
  out["out_of_time"] = found.out_of_time;
  out["looked_to"] = found.looked_to ? Json(format_rfc3339(*found.looked_to)) : Json(nullptr);
  return out;
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

bool has_beginning(const Strings& terms) {
  return std::any_of(terms.begin(), terms.end(),
                     [](const std::string& term) { return trim(term).starts_with("since"); });
}

/// Where a tail goes on. One that begins does so now, or where its own terms say; one of a database
/// that had to be replaced since begins with the new one.
std::int64_t tail_start(const TailWish& wish, const store::TraceStore& traces) {
  const std::int64_t newest = traces.newest_sequence();
  if (!wish.after) return has_beginning(wish.terms) ? 0 : newest;
  const bool is_of_another = *wish.after > newest && traces.health().writable;
  return is_of_another ? 0 : *wish.after;
}

Result<Json> tail(Desk desk, Places& places, const Json& body) {
  TRY(const auto wish, read<TailWish>(body));
  const store::TraceStore& traces = desk.services.traces;
  TRY(auto query, trace::parse_filter(wish.terms, desk.services.clock.wall()));
  query.after_sequence = tail_start(wish, traces);
  const bool waited =
      !wish.after || wait_for_news(traces, query.after_sequence, wish.wait_ms, places);
  query.oldest_first = true;
  query.limit = rows_a_tail_call;
  // Taken before the query: what is committed in between comes with the next call.
  const std::int64_t newest = traces.newest_sequence();
  TRY(const auto rows, traces.page(query, tail_patience));
  // Where rows are left it goes on behind these; else all up to `newest` has been looked at.
  std::int64_t cursor = std::max(query.after_sequence, newest);
  if (!rows.traces.empty()) cursor = std::max(cursor, rows.traces.back().sequence);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["sequence"] = rows.cursor.value_or(cursor);
  out["waited"] = waited;
  out["traces"] = to_list(rows.traces);
  return out;
}

Result<WallTime> parse_cutoff(const std::string& text, WallTime now) {
  if (const auto age = parse_duration(text)) return now - *age;
  if (const auto at = parse_rfc3339(text)) return *at;
  if (const auto day = parse_rfc3339(text + "T00:00:00Z")) return *day;
  return fail(ErrorKind::invalid, "\"" + printable(text, 40) + "\" is no age and no time",
              "write --older-than 90d, 2026-11-20 or 2026-11-20T12:00:00Z");
}

Result<Json> prune(Desk desk, const Json& body) {
  TRY(const auto wish, read<PruneWish>(body));
  const WallTime now = desk.services.clock.wall();
  TRY(const auto before, parse_cutoff(wish.older_than, now));
  if (before > now)
    return fail(ErrorKind::invalid, "--older-than names a time to come",
                "write --older-than 90d, or a time that is over");
  store::TraceStore::Pruned pruned;
  if (wish.dry_run) {
    TRY(pruned.rows, desk.services.traces.count_before(before));
  } else {
    TRY(pruned, desk.services.traces.prune(before, prune_patience));
  }
  Json out = Json::object();
  out["schema"] = schema_version;
  out["traces"] = pruned.rows;
  out["before"] = format_rfc3339(before);
  out["dry_run"] = wish.dry_run;
  out["complete"] = pruned.complete;
  return out;
}

/// Said before any page is copied, and as what it is: trying again later would not help.
Status check_folder_of(const std::filesystem::path& file) {
  const std::string folder = file.parent_path().string();
  const auto refuse = [&](ErrorKind kind, const std::string& why, const std::string& hint) {
    return fail(kind, fmt::format("no copy was made: {}: {}", printable(folder, 200), why), hint);
  };
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) {
    const int error = errno;
    return refuse(ErrorKind::not_found, std::strerror(error),
                  error == ENOENT ? "mkdir -p " + printable(folder, 200) : "");
  }
  if (!S_ISDIR(info.st_mode))
    return refuse(ErrorKind::invalid, "it is not a folder", "name a file in a folder");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return refuse(ErrorKind::unauthorized, std::strerror(errno),
                  "name a file in a folder that you may write to");
  return {};
}

Result<Json> back_up(Desk desk, const Json& body) {
  TRY(const auto wish, read<BackupWish>(body));
  if (std::filesystem::path(wish.file).is_absolute())  // the store refuses all else
    TRY_STATUS(check_folder_of(wish.file));
  TRY(const auto done, desk.services.traces.back_up(wish.file));
  Json out = Json::object();
  out["schema"] = schema_version;
  out["file"] = wish.file;
  out["bytes"] = done.bytes;
  out["traces"] = done.rows;
  return out;
}

}  // namespace

void add_traces(Router& router, Desk desk) {
  router.on(path::trace_list, [desk](const Json& body) { return list(desk, body); });
  router.on(path::trace_page, [desk](const Json& body) { return page(desk, body); });
  router.on(path::trace_prune, [desk](const Json& body) { return prune(desk, body); });
  router.on(path::trace_backup, [desk](const Json& body) { return back_up(desk, body); });
  router.on(path::trace_show, [desk](const Json& body) { return show(desk, body); });
  router.on(path::trace_tail, [desk, places = std::make_shared<Places>()](const Json& body) {
    return tail(desk, *places, body);
  });
}

}  // namespace routerone::control
