#include "cli/commands/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece = 64 << 10;
constexpr int most_files = 100;
constexpr std::size_t longest_line = 1 << 20;  // what is longer is no line of ours

fs::path numbered(const fs::path& log, int number) {
  fs::path name = log;
  if (number > 0) name += "." + std::to_string(number);
  return name;
}

/// How many files there are: the log, and those it turned away.
int count_files(const fs::path& log) {
  std::error_code ignored;
  int count = 1;
  while (count < most_files && fs::exists(numbered(log, count), ignored)) ++count;
  return count;
}

struct Place {
  std::uint64_t at = 0;  ///< Where a line begins that has `lines` behind it, or the beginning.
  std::size_t lines = 0;
};

/// Looks from the end of a file backwards.
Place find_last(const fs::path& file, std::size_t wanted) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!opened || ::fstat(opened.get(), &info) != 0) return {};
  Place place;
  std::string part(piece, '\0');
  for (auto end = static_cast<std::uint64_t>(info.st_size); end > 0;) {
    const std::uint64_t from = end > piece ? end - piece : 0;
    const auto got = ::pread(opened.get(), part.data(), static_cast<std::size_t>(end - from),
                             static_cast<off_t>(from));
    if (got <= 0) break;
    for (auto at = static_cast<std::size_t>(got); at-- > 0;) {
      // The end of the line before the one that begins behind it.
      const std::uint64_t begins = from + at + 1;
      if (part[at] != '\n' || begins == static_cast<std::uint64_t>(info.st_size)) continue;
      if (++place.lines == wanted) {
        place.at = begins;
        return place;
      }
    }
    end = from;
  }
  if (info.st_size > 0) ++place.lines;  // the first one
  return place;
}

}  // namespace

bool LogReader::open(const fs::path& file, std::uint64_t from) {
  Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!opened || ::fstat(opened.get(), &info) != 0) return false;
  file_ = std::move(opened);
  device_ = info.st_dev;
  inode_ = info.st_ino;
  read_ = from;
  buffer_.clear();
  given_ = 0;
  return true;
}

Result<LogReader> LogReader::from_beginning(const fs::path& log) {
  LogReader reader(log);
  for (int number = count_files(log) - 1; number >= 0; --number)
    if (reader.open(numbered(log, number), 0)) return reader;
  return fail(ErrorKind::not_found, "there is no log at " + log.string(),
              "a daemon started by hand logs to its own terminal");
}

Result<LogReader> LogReader::before_last(const fs::path& log, std::size_t lines) {
  LogReader reader(log);
  const int files = count_files(log);
  for (int number = 0; number < files; ++number) {
    const Place place = find_last(numbered(log, number), lines);
    if (place.lines < lines && number + 1 < files) {
      lines -= place.lines;
      continue;
    }
    if (reader.open(numbered(log, number), place.at)) return reader;
  }
  return from_beginning(log);
}

/// Reads on in the file that is open. One that was cut short is read from its beginning.
bool LogReader::fill() {
  struct stat info {};
  if (::fstat(file_.get(), &info) == 0 && static_cast<std::uint64_t>(info.st_size) < read_) {
    read_ = 0;
    given_ = buffer_.size();
  }
  buffer_.erase(0, given_);
  given_ = 0;
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + piece);
  const auto got = ::pread(file_.get(), buffer_.data() + kept, piece, static_cast<off_t>(read_));
  buffer_.resize(kept + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  read_ += buffer_.size() - kept;
  return got > 0;
}

bool LogReader::is_turned_away() const {
  struct stat now {};
  return ::stat(log_.c_str(), &now) == 0 && (now.st_ino != inode_ || now.st_dev != device_);
}

/// The one that came after ours; where ours is nowhere any more it was the oldest.
bool LogReader::go_to_younger() {
  const int files = count_files(log_);
  for (int number = 1; number < files; ++number) {
    struct stat info {};
    if (::stat(numbered(log_, number).c_str(), &info) != 0) continue;
    if (info.st_ino == inode_ && info.st_dev == device_) return open(numbered(log_, number - 1), 0);
  }
  return open(numbered(log_, files - 1), 0);
}

std::optional<std::string> LogReader::take(std::size_t end, std::size_t line_end) {
  std::string line = buffer_.substr(given_, end - given_);
  given_ = end + line_end;
  return line;
}

std::optional<std::string> LogReader::next() {
  for (;;) {
    const auto end = buffer_.find('\n', given_);
    if (end != buffer_.npos) return take(end, 1);
    if (buffer_.size() - given_ > longest_line) return take(buffer_.size(), 0);
    if (fill()) continue;
    if (!is_turned_away()) return std::nullopt;
    if (fill()) continue;  // written between these two
    if (given_ < buffer_.size()) return take(buffer_.size(), 0);
    if (!go_to_younger()) return std::nullopt;
  }
}

}  // namespace routerone::cli
