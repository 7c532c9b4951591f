#include "daemon/store/backup.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/platform/descriptor.h"

namespace routerone::store {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Problem> failed(const std::string& what, int error) {
  return tl::unexpected(Problem{Fault::failing, what + ": " + std::strerror(error)});
}

/// What it is, in the words of a copy: the source's own trouble is told otherwise.
tl::unexpected<Problem> failed(const SQLite::Exception& error) {
  if ((error.getErrorCode() & 0xff) == SQLITE_FULL)
    return tl::unexpected(Problem{Fault::failing, "the disk is full"});
  return tl::unexpected(problem_of(error));
}

int sync_of(const fs::path& path, int flags) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  return file && ::fsync(file.get()) == 0 ? 0 : errno;
}

}  // namespace

tl::expected<std::unique_ptr<BackupCopy>, Problem> BackupCopy::begin(SQLite::Database& source,
                                                                     fs::path file) try {
  std::unique_ptr<BackupCopy> made(new BackupCopy);
  made->file_ = std::move(file);
  const fs::path growing =
      made->file_.parent_path() /
      fmt::format(".{}.partial-{}", made->file_.filename().string(), ::getpid());
  const Descriptor place(
      ::open(growing.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!place) return failed("a file cannot be made there", errno);
  made->growing_ = growing;
  made->copy_ = std::make_unique<SQLite::Database>(growing.string(),
                                                   SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
  made->copy_->exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  made->backup_ = std::make_unique<SQLite::Backup>(*made->copy_, source);
  return made;
} catch (const SQLite::Exception& error) {
  return failed(error);
}

BackupCopy::~BackupCopy() {
  backup_.reset();
  copy_.reset();
  if (growing_.empty()) return;
  for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
    auto path = growing_;
    path += ending;
    ::unlink(path.c_str());
  }
}

tl::expected<bool, Problem> BackupCopy::step(int pages) try {
  if (backup_->executeStep(pages) != SQLITE_DONE) return false;
  backup_.reset();
  return finish();
} catch (const SQLite::Exception& error) {
  return failed(error);
}

/// One file that needs no log beside it, then its name: link() replaces nothing.
tl::expected<bool, Problem> BackupCopy::finish() {
  copy_->exec("PRAGMA journal_mode = DELETE");
  copy_.reset();
  if (const int error = sync_of(growing_, O_RDWR); error != 0)
    return failed("the copy cannot be written to the disk", error);
  if (::link(growing_.c_str(), file_.c_str()) != 0) {
    if (errno == EEXIST)
      return tl::unexpected(
          Problem{Fault::failing, "a file of that name has come about meanwhile"});
    if (::rename(growing_.c_str(), file_.c_str()) != 0)  // a file system without links
      return failed("the copy cannot be given its name", errno);
    growing_.clear();
  }
  sync_of(file_.parent_path(), O_RDONLY | O_DIRECTORY);
  return true;
}

}  // namespace routerone::store
