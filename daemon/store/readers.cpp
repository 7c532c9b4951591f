#include "daemon/store/readers.h"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include "common/core/text.h"

namespace routerone::store {
namespace {

constexpr std::size_t most_idle = 2;
constexpr int busy_timeout_ms = 250;
constexpr int steps_between_looks = 2'000;  // of SQLite's machine: some 50 µs

constexpr const char* settings = R"sql(
PRAGMA query_only = 1;
PRAGMA wal_autocheckpoint = 0;
PRAGMA cache_size = -512;
PRAGMA mmap_size = 0;
PRAGMA temp_store = MEMORY;
)sql";

std::string_view text_of(sqlite3_value* value) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  return bytes ? std::string_view(bytes, size) : std::string_view();
}

/// glob_match as an SQL function: unlike GLOB it has one meaning here and in keys' model lists.
void match_glob(sqlite3_context* context, int, sqlite3_value** arguments) {
  sqlite3_result_int(context, glob_match(text_of(arguments[0]), text_of(arguments[1])) ? 1 : 0);
}

/// The same for `lab/slug`: a pattern without a slash may leave the lab out.
void match_model(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto pattern = text_of(arguments[0]), model = text_of(arguments[1]);
  const auto slash = model.find('/');
  const bool slug = slash != model.npos && pattern.find('/') == pattern.npos &&
                    glob_match(pattern, model.substr(slash + 1));
  sqlite3_result_int(context, slug || glob_match(pattern, model) ? 1 : 0);
}

Error error_of(const Problem& problem) {
  switch (problem.fault) {
    case Fault::too_slow:
      return {ErrorKind::unavailable, problem.words, "narrow it, for example with since=2h"};
    case Fault::newer:
      return {ErrorKind::invalid, problem.words, ""};
    case Fault::damaged:
    case Fault::busy:
    case Fault::failing:
      break;
  }
  return {ErrorKind::unavailable, "the traces cannot be read: " + problem.words,
          "routerone doctor"};
}

}  // namespace

struct Readers::Connection {
  Connection(const std::filesystem::path& path, std::uint64_t of)
      : database(path.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, busy_timeout_ms),
        generation(of) {
    auto* handle = database.getHandle();
    database.exec(settings);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    add_function("glob_match", match_glob);
    add_function("model_match", match_model);
    sqlite3_progress_handler(handle, steps_between_looks, &Connection::out_of_time, this);
  }

  void add_function(const char* name, void (*body)(sqlite3_context*, int, sqlite3_value**)) {
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    database.check(sqlite3_create_function(database.getHandle(), name, 2, flags, nullptr, body,
                                           nullptr, nullptr));
  }

  static int out_of_time(void* self) {
    const auto& connection = *static_cast<Connection*>(self);
    return connection.clock->steady() > connection.until ? 1 : 0;
  }

  const Clock* clock = nullptr;
  SteadyTime until = SteadyTime::max();
  SQLite::Database database;
  std::uint64_t generation;
};

Readers::Readers(std::filesystem::path database, const Clock& clock,
                 std::function<void(std::uint64_t)> on_damage)
    : database_(std::move(database)), clock_(clock), on_damage_(std::move(on_damage)) {}

Readers::~Readers() = default;

std::unique_ptr<Readers::Connection> Readers::take() const {
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    generation = generation_;
  }
  auto connection = std::make_unique<Connection>(database_, generation);
  connection->clock = &clock_;
  return connection;
}

std::uint64_t Readers::current() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void Readers::give_back(std::unique_ptr<Connection> connection) const {
  const std::lock_guard lock(mutex_);
  if (connection->generation == generation_ && idle_.size() < most_idle)
    idle_.push_back(std::move(connection));
}

Status Readers::with(Millis most, const std::function<void(SQLite::Database&)>& body) const {
  std::unique_ptr<Connection> connection;
  const auto generation = current();
  try {
    connection = take();
    connection->until = clock_.steady() + most;
    body(connection->database);
    connection->until = SteadyTime::max();
    give_back(std::move(connection));
    return {};
  } catch (const SQLite::Exception& error) {
    const Problem problem = problem_of(error);
    if (problem.fault == Fault::damaged)
      on_damage_(connection ? connection->generation : generation);
    return tl::unexpected(error_of(problem));
  }
}

void Readers::renew(std::uint64_t generation) {
  std::vector<std::unique_ptr<Connection>> old;  // closed without the lock
  const std::lock_guard lock(mutex_);
  generation_ = generation;
  old.swap(idle_);
}

void Readers::close() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

}  // namespace routerone::store
