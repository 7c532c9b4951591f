#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "cli/commands/export_rows.h"
#include "cli/commands/interrupt.h"
#include "cli/commands/trace_commands.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

/// A file that takes its place, and that of one that was there, only once it is whole. Mode 0600.
class NewFile {
 public:
  static Result<NewFile> beside(fs::path place) {
    std::string name = place.string() + ".XXXXXX";
    const int fd = ::mkstemp(name.data());
    std::FILE* const file = fd < 0 ? nullptr : ::fdopen(fd, "w");
    if (!file) return trouble(place);
    return NewFile(std::move(place), std::move(name), file);
  }
  NewFile(NewFile&& other) noexcept
      : place_(std::move(other.place_)),
        name_(std::move(other.name_)),
        file_(std::exchange(other.file_, nullptr)) {}
  ~NewFile() {
    if (!file_) return;
    std::fclose(file_);
    ::unlink(name_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  NewFile& operator=(NewFile&&) = delete;

  std::FILE* file() const { return file_; }

  Status put_in_place() {
    const bool written = std::fflush(file_) == 0 && ::fsync(::fileno(file_)) == 0;
    if (!written || ::rename(name_.c_str(), place_.c_str()) != 0) return trouble(place_);
    std::fclose(std::exchange(file_, nullptr));
    return {};
  }

 private:
  NewFile(fs::path place, std::string name, std::FILE* file)
      : place_(std::move(place)), name_(std::move(name)), file_(file) {}

  static tl::unexpected<Error> trouble(const fs::path& place) {
    return fail(ErrorKind::internal,
                fmt::format("cannot write {}: {}", place.string(), std::strerror(errno)),
                "name another file with --output");
  }

  fs::path place_;
  std::string name_;
  std::FILE* file_;
};

/// Page by page, so that a million of them need no more memory than one page.
Result<std::int64_t> write_pages(Call& call, Output& to, ExportFormat format,
                                 const InterruptNoted& interrupt) {
  control::TracePageWish wish;
  wish.terms = call.all("FILTER");
  wish.limit = 500;
  wish.oldest_first = true;
  TRY(Json page, call.daemon().page_traces(wish));
  ExportWriter writer(to, format);
  std::int64_t count = 0;
  for (;;) {
    for (const Json& trace : part_of(page, "traces")) writer.add(trace);
    count += static_cast<std::int64_t>(part_of(page, "traces").size());
    const Json& cursor = part_of(page, "cursor");
    if (!cursor.is_number_integer() || interrupt.seen() || !to.flush()) break;
    call.out().status(fmt::format("{} traces, up to {}", count, text_of(page, "looked_to")));
    wish.cursor = cursor.get<std::int64_t>();
    TRY(page, call.daemon().page_traces(wish));
  }
  call.out().status({});
  writer.finish();
  return count;
}

Result<int> export_to_file(Call& call, ExportFormat format, const fs::path& place) {
  const InterruptNoted interrupt;
  TRY(NewFile file, NewFile::beside(place));
  Output to(file.file(), stderr, {ColorMode::never, call.out().quiet()});
  TRY(const std::int64_t count, write_pages(call, to, format, interrupt));
  if (interrupt.seen()) return InterruptNoted::exit_code;
  TRY_STATUS(file.put_in_place());
  call.out().note(
      fmt::format("{} {} in {}", count, count == 1 ? "trace" : "traces", place.string()));
  return 0;
}

}  // namespace

Result<int> export_traces(Call& call) {
  TRY(const ExportFormat format, parse_export_format(call.text("format").value_or("jsonl")));
  if (const auto place = call.text("output")) return export_to_file(call, format, *place);
  const InterruptNoted interrupt;
  TRY_STATUS(write_pages(call, call.out(), format, interrupt));
  return interrupt.seen() ? InterruptNoted::exit_code : 0;
}

}  // namespace routerone::cli
