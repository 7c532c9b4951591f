#include "daemon/store/damage.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/core/text.h"
#include "common/platform/descriptor.h"

namespace routerone::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic{"SQLite format 3\0", 16};

std::uint32_t big_endian(const std::uint8_t* bytes, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

fs::path beside(const fs::path& database, std::string_view ending) {
  auto path = database;
  path += ending;
  return path;
}

/// 2026-11-20T12:00:00.123456Z without what a shell or a file system may stumble over.
std::string stamp(WallTime now) {
  std::string text;
  for (const char c : format_rfc3339(now)) {
    if (c == '.') break;
    if (c != '-' && c != ':') text += c;
  }
  return text + "Z";
}

bool rename_if_there(const fs::path& from, const fs::path& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT;
}

}  // namespace

std::optional<std::string> obvious_damage(const fs::path& database) {
  const Descriptor file(::open(database.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return std::nullopt;
  if (!S_ISREG(info.st_mode)) return "it is not a regular file";
  if (info.st_size == 0) return "it is empty";

  // SQLite's file format, "The Database Header": offsets 16, 24, 28 and 92.
  std::array<std::uint8_t, 100> header{};
  const auto got = ::pread(file.get(), header.data(), header.size(), 0);
  if (got < 0) return std::nullopt;  // the disk's trouble, not the file's
  if (got < static_cast<ssize_t>(header.size()) ||
      std::memcmp(header.data(), magic.data(), magic.size()) != 0)
    return "it is not a database";
  const auto raw_page = big_endian(&header[16], 2);
  const std::uint64_t page = raw_page == 1 ? 65'536 : raw_page;
  if (page < 512 || (page & (page - 1)) != 0) return "its header is damaged";
  const std::uint64_t pages = big_endian(&header[28], 4);
  const bool count_is_valid = big_endian(&header[24], 4) == big_endian(&header[92], 4);
  // With a log beside it, pages may stand there and not yet here.
  if (count_is_valid && !closed_badly(database) &&
      static_cast<std::uint64_t>(info.st_size) < pages * page)
    return "it is cut short";
  return std::nullopt;
}

bool closed_badly(const fs::path& database) {
  struct stat info {};
  return ::stat(beside(database, "-wal").c_str(), &info) == 0 && info.st_size > 0;
}

Result<std::string> put_aside(const fs::path& database, WallTime now) {
  const std::string first = fmt::format("{}.damaged-{}", database.filename().string(), stamp(now));
  std::string name = first;
  std::error_code ignored;
  for (int n = 2; fs::exists(database.parent_path() / name, ignored); ++n)
    name = fmt::format("{}-{}", first, n);
  const auto target = database.parent_path() / name;
  for (const auto* ending : {"-wal", "-shm", "-journal", ""})
    if (!rename_if_there(beside(database, ending), beside(target, ending)))
      return fail(ErrorKind::internal,
                  fmt::format("cannot put the damaged database aside: {}", std::strerror(errno)));
  return name;
}

}  // namespace routerone::store
