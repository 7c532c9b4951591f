// What a trace row costs: CPU of the writer thread and the submitting one, by the number of rows
// that are committed together. Prints a table; asserts nothing.
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>

#include "common/core/ids.h"
#include "daemon/store/trace_store.h"

namespace {

using namespace routerone;

double cpu_micros() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto micros = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return micros(use.ru_utime) + micros(use.ru_stime);
}

CommitRecord sample(const Clock& clock, Random& random) {
  CommitRecord record;
  TraceRow& row = record.row;
  row.time = clock.wall();
  row.id = make_uuid_v7(row.time, random);
  row.key_id = "01930000-0000-7000-8000-000000000000";
  row.key_name = "laptop";
  row.project = "default";
  row.client = "codex_cli/0.169";
  row.session = "01930000-0000-7000-8000-000000000001";
  row.dialect = "openai-chat";
  row.operation = "chat";
  row.requested_model = row.model = "lab/model-large";
  row.provider = "lab";
  row.upstream_model = "model-large-2026-01-01";
  row.usage.input = 512;
  row.usage.cache_read = 128;
  row.usage.output = 200;
  row.usage_source = UsageSource::upstream;
  row.cost = Money{4'200'000'000};
  row.status = 200;
  row.finish_reason = "stop";
  row.attempts = {{.provider = "lab", .upstream_model = row.upstream_model, .status = 200}};
  record.moves = {{"wallet", *row.cost}, {"project:default", *row.cost}, {"key:x", *row.cost}};
  return record;
}

/// Submits `batch` rows, waits until all are committed, and again, until `rows` are.
void write_rows(store::TraceStore& traces, const Clock& clock, Random& random, int batch,
                int rows) {
  std::mutex mutex;
  std::condition_variable all_done;
  for (int written = 0; written < rows; written += batch) {
    int left = batch;
    for (int i = 0; i < batch; ++i)
      traces.submit(sample(clock, random), [&](bool) {
        const std::lock_guard lock(mutex);
        if (--left == 0) all_done.notify_one();
      });
    std::unique_lock lock(mutex);
    all_done.wait(lock, [&] { return left == 0; });
  }
}

}  // namespace

int main() {
  SystemClock clock;
  SystemRandom random;
  std::string pattern =
      (std::filesystem::temp_directory_path() / "routerone-bench-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(pattern.data());
  std::printf("rows at once   CPU us a row   wall us a row   (n = 24576 rows each, process CPU)\n");
  for (const int batch : std::array{1, 4, 16, 64, 256}) {
    store::StoreOptions options;
    options.database = folder / ("rows-" + std::to_string(batch) + ".db");
    options.spend_floor = folder / ("floor-" + std::to_string(batch));
    auto traces = store::TraceStore::open(options, clock);
    if (!traces) return 1;
    constexpr int rows = 24'576;                      // the spend minutes' sums fall due within
    write_rows(**traces, clock, random, batch, 512);  // warm
    const double cpu = cpu_micros();
    const auto start = clock.steady();
    write_rows(**traces, clock, random, batch, rows);
    const std::chrono::duration<double, std::micro> wall = clock.steady() - start;
    std::printf("%12d   %12.1f   %13.1f\n", batch, (cpu_micros() - cpu) / rows,
                wall.count() / rows);
  }
  std::filesystem::remove_all(folder);
}
