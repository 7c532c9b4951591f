#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "common/core/clock.h"
#include "common/core/result.h"
#include "daemon/store/problem.h"

namespace SQLite {
class Database;
}

namespace routerone::store {

/// Read-only connections for the control plane's threads, made as needed and kept for the next
/// query. They never write, checkpoint or hold up the writer. Thread-safe.
class Readers {
 public:
  /// `on_damage` is told the generation in which a query found the database damaged.
  Readers(std::filesystem::path database, const Clock&,
          std::function<void(std::uint64_t)> on_damage);
  ~Readers();

  /// Runs `body` on a connection, at most for `most`. What it throws (SQLite::Exception) becomes
  /// an Error: `unavailable` if its time ran out or there is no database just now.
  Status with(Millis most, const std::function<void(SQLite::Database&)>& body) const;

  /// The file was replaced by another: open connections belong to the old one.
  void renew(std::uint64_t generation);
  void close();

 private:
  struct Connection;
  std::unique_ptr<Connection> take() const;
  std::uint64_t current() const;
  void give_back(std::unique_ptr<Connection>) const;

  std::filesystem::path database_;
  const Clock& clock_;
  std::function<void(std::uint64_t)> on_damage_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Connection>> idle_;
  std::uint64_t generation_ = 0;
};

}  // namespace routerone::store
