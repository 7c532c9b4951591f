// Checks: are traces and spend kept as they should?
#include <fmt/format.h>

#include "cli/commands/doctor_check.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;
constexpr std::uint64_t large_log = 256 * mebibyte;

const Json& store_of(const Findings& found) { return part_of(found.daemon.status, "store"); }

Verdict database(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  const Json& checked = part_of(found.daemon.checkup, "database");
  if (checked.is_null()) return skipped("it cannot be read now; see store-writable");
  if (!flag_of(checked, "sound", true))
    return broken(
        "it is damaged: " + text_of(checked, "detail"),
        "routerone restart, which puts it aside and begins a new one; limits are unharmed");
  if (!flag_of(checked, "finished"))
    return skipped("it is too large to be read in the time there is");
  return fine(fmt::format("sound, schema {}", text_of(checked, "schema")));
}

Verdict write_ahead_log(const Findings& found) {
  const FileFacts& log = found.state.write_ahead_log;
  const std::string size = fmt::format("{} MiB", log.bytes / mebibyte);
  if (log.bytes < large_log) return fine(size);
  return doubtful(fmt::format("{} has {}: a program reads the database and does not end",
                              log.path.string(), size),
                  "see who it is: fuser -v " + shell_word(log.path.string()));
}

Verdict damaged_copies(const Findings& found) {
  const auto& copies = found.state.copies;
  if (copies.empty()) return fine("none was put aside");
  std::uint64_t bytes = 0;
  for (const FileFacts& copy : copies) bytes += copy.bytes;
  return doubtful(
      fmt::format("{}, {} MiB, was damaged and put aside", copies.front().path.string(),
                  bytes / mebibyte),
      "save what you need of it, then: rm " + shell_word(copies.front().path.string()) + "*");
}

Verdict writable(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  const std::string trouble = text_of(store_of(found), "trouble");
  if (flag_of(store_of(found), "writable", true) && trouble.empty())
    return fine(fmt::format("{} rows written", whole_of(store_of(found), "rows_written")));
  return broken(
      fmt::format("{}; {} rows wait in memory", trouble, whole_of(store_of(found), "rows_waiting")),
      "make room or end what holds the database; it goes on by itself");
}

Verdict lost_rows(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  const auto lost = whole_of(store_of(found), "rows_lost");
  if (lost == 0) return fine("none");
  return broken(fmt::format("{} requests have no row; their money is counted", lost),
                "routerone logs, for why the database could not be written");
}

Verdict late_rows(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  constexpr std::int64_t worth_telling = 20, one_in = 20;
  const auto late = whole_of(store_of(found), "rows_late");
  const auto written = whole_of(store_of(found), "rows_written");
  const std::string evidence = fmt::format("{} of {} came after their answer", late, written);
  if (late < worth_telling || late * one_in < written) return fine(evidence);
  return doubtful(evidence + ": the disk is slow, and each such answer waited for it",
                  "set XDG_STATE_HOME to a folder on a faster disk");
}

Verdict interrupted_rows(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  const auto count = whole_of(store_of(found), "rows_interrupted");
  if (count == 0) return fine("none");
  return doubtful(fmt::format("the last daemon died with {} requests, charged as held", count),
                  "routerone budgets reconcile --provider ID");
}

Verdict spend_floor(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  const std::string trouble = text_of(part_of(found.daemon.checkup, "spend_floor"), "trouble");
  if (trouble.empty()) return fine("it reads");
  return doubtful(trouble + "; spend would be lost with the database",
                  "rm " + shell_word(found.paths.spend_floor().string()) + " && routerone restart");
}

}  // namespace

std::vector<Check> store_checks() {
  return {
      {"database", "the database is sound", database},
      {"write-ahead-log", "nobody holds up the database", write_ahead_log},
      {"damaged-copies", "no damaged database was put aside", damaged_copies},
      {"store-writable", "rows are written", writable},
      {"rows-lost", "no row was lost", lost_rows},
      {"rows-late", "rows are written in time", late_rows},
      {"rows-interrupted", "no request died with a daemon", interrupted_rows},
      {"spend-floor", "the second record of spend reads", spend_floor},
  };
}

}  // namespace routerone::cli
