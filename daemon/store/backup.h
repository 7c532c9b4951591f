#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "daemon/store/problem.h"

namespace SQLite {
class Database;
class Backup;
}  // namespace SQLite

namespace routerone::store {

/// A copy of the database, made a few pages at a time by the connection that writes, so that what
/// is written in between goes into the copy as well and nobody's log is held back. It grows under
/// another name and gets its own once it is whole and on the disk; taken down before that, it is
/// deleted. The writer's thread alone.
class BackupCopy {
 public:
  /// Makes the file (0600). `source` outlives it. Conflicting names are the caller's to look for.
  static tl::expected<std::unique_ptr<BackupCopy>, Problem> begin(SQLite::Database& source,
                                                                  std::filesystem::path file);
  ~BackupCopy();

  /// True once it is whole and has its name.
  tl::expected<bool, Problem> step(int pages);

 private:
  BackupCopy() = default;
  tl::expected<bool, Problem> finish();

  std::filesystem::path file_, growing_;
  std::unique_ptr<SQLite::Database> copy_;
  std::unique_ptr<SQLite::Backup> backup_;
};

}  // namespace routerone::store
