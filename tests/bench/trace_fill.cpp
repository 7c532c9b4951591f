// Fills a store's database with traces, by the store's own code: trace_fill FOLDER ROWS [DAYS].
// The same rows in every run; the last of them is of now.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "daemon/store/connection.h"
#include "tests/support/trace_maker.h"

namespace {

using namespace routerone;

bool told(const char* what, const store::Problem& problem) {
  std::fprintf(stderr, "%s: %s\n", what, problem.words.c_str());
  return false;
}

bool commit_rows(store::WriteConnection& database, const test::TraceMaker& maker, std::int64_t from,
                 std::int64_t to) {
  std::vector<CommitRecord> records;
  std::vector<const CommitRecord*> rows;
  for (std::int64_t n = from; n < to; ++n) records.push_back(maker.make(n));
  for (const CommitRecord& record : records) rows.push_back(&record);
  if (const auto done = database.commit(rows, {}); !done) return told("commit", done.error());
  if (database.log_pages() > 1'000) database.checkpoint();
  return true;
}

/// What a running daemon does between commits.
bool digest(store::WriteConnection& database, WallTime now) {
  for (bool is_more = true; is_more;) {
    const auto sums = database.sum_minutes(10'000);
    if (!sums) return told("sums", sums.error());
    const auto rest = database.digest(now);
    if (!rest) return told("digest", rest.error());
    is_more = *sums || *rest;
    if (database.log_pages() > 1'000) database.checkpoint();
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("trace_fill FOLDER ROWS [DAYS]\n", stderr), 2;
  const std::int64_t rows = std::atoll(argv[2]);
  const std::chrono::hours length(24 * (argc > 3 ? std::atoll(argv[3]) : 180));
  const SystemClock clock;
  const WallTime now = clock.wall();
  auto opened = store::WriteConnection::open(std::filesystem::path(argv[1]) / "routerone.db");
  if (!opened) return told("open", opened.error()), 1;
  const test::TraceMaker maker(now - length, length, rows);
  constexpr std::int64_t at_once = 1'000;
  const auto start = clock.steady();
  for (std::int64_t n = 0; n < rows; n += at_once)
    if (!commit_rows(**opened, maker, n, std::min(n + at_once, rows))) return 1;
  const auto written = clock.steady();
  if (!digest(**opened, now)) return 1;
  const auto micros = [&](auto from, auto to) {
    return std::chrono::duration<double, std::micro>(to - from).count() / static_cast<double>(rows);
  };
  std::printf("%lld rows: %.1f us a row to write, %.1f us to digest\n",
              static_cast<long long>(rows), micros(start, written),
              micros(written, clock.steady()));
}
