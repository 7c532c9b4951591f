#include "daemon/store/intents.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <set>

#include "common/platform/files.h"
#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;
namespace fs = std::filesystem;

namespace {

Intent intent_of(Fixture& f, std::int64_t reserved) {
  Intent intent;
  intent.time = f.system.wall();
  intent.id = make_uuid_v7(intent.time, f.random);
  intent.key_id = "key-1";
  intent.key_name = "ci";
  intent.project = "default";
  intent.client = "codex_cli/0.169";
  intent.session = "session-1";
  intent.dialect = "openai-chat";
  intent.operation = "chat";
  intent.requested_model = "gpt-5";
  intent.model = "openai/gpt-5";
  intent.provider = "openai";
  intent.upstream_model = "gpt-5-2025-08-07";
  intent.stream = true;
  intent.reserved = Money{reserved};
  return intent;
}

/// Runs it in a child that then dies by SIGKILL, with everything open.
template <class Body>
void die_after(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
}

/// As the last process would have left it, had it died right away.
std::vector<std::string> leave_intents(Fixture& f, int count, std::int64_t reserved) {
  std::vector<Intent> intents;
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    intents.push_back(intent_of(f, reserved));
    ids.push_back(intents.back().id);
  }
  die_after([&] {
    if (!f.open()) ::_exit(1);
    for (const auto& intent : intents)
      if (!f.store->begin(intent)) ::_exit(2);
  });
  return ids;
}

std::int64_t sum_of_rows(const Fixture& f) {
  return f.number("SELECT ifnull(sum(cost), 0) FROM traces") +
         f.number("SELECT ifnull(sum(amount), 0) FROM corrections WHERE scope = 'wallet'");
}
std::int64_t wallet(const Fixture& f) {
  return f.number("SELECT settled FROM ledger WHERE scope = 'wallet'");
}

void spoil(const fs::path& path, std::size_t at, char with) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(with);
}

int live_places(const Fixture& f) {
  const auto bytes = *read_file(f.options.intents);
  int live = 0;
  for (std::size_t at = 0; at + sizeof(IntentPlace) <= bytes.size(); at += sizeof(IntentPlace)) {
    std::uint32_t state = 0;
    std::memcpy(&state, bytes.data() + at, sizeof state);
    live += state != 0 ? 1 : 0;
  }
  return live;
}

}  // namespace

TEST_CASE("what was under way when the process was killed is found once, and charged as held") {
  Fixture f;
  const auto ids = leave_intents(f, 300, 40);
  REQUIRE(f.open().has_value());
  CHECK(f.store->interrupted() == 300);
  CHECK(f.store->settled()["wallet"].picousd == 300 * 40);
  CHECK(f.store->settled()["key:key-1"].picousd == 300 * 40);
  CHECK(f.store->settled()["project:default"].picousd == 300 * 40);
  CHECK(f.number("SELECT count(*) FROM traces WHERE state = 'interrupted'") == 300);
  CHECK(sum_of_rows(f) == wallet(f));

  const auto found = f.store->find(ids[17]);
  REQUIRE((found && *found));
  const TraceRow& row = (*found)->row;
  CHECK(row.error == "interrupted");
  CHECK(row.cost == Money{40});
  CHECK(row.reserved == Money{40});
  CHECK(row.price_source == PriceSource::catalog);
  CHECK(row.usage_source == UsageSource::none);
  CHECK_FALSE(row.usage.known());
  CHECK(row.key_name == "ci");
  CHECK(row.client == "codex_cli/0.169");
  CHECK(row.session == "session-1");
  CHECK(row.dialect == "openai-chat");
  CHECK(row.operation == "chat");
  CHECK(row.stream);
  CHECK(row.requested_model == "gpt-5");
  CHECK(row.model == "openai/gpt-5");
  CHECK(row.provider == "openai");
  CHECK(row.upstream_model == "gpt-5-2025-08-07");

  REQUIRE(f.open().has_value());
  CHECK(f.store->interrupted() == 0);
  CHECK(f.store->settled()["wallet"].picousd == 300 * 40);
  CHECK(live_places(f) == 0);
}

TEST_CASE("a process killed again and again while it starts charges nothing twice") {
  Fixture f;
  leave_intents(f, 50, 7);
  for (int i = 0; i < 3; ++i) die_after([&] { (void)f.open(); });
  REQUIRE(f.open().has_value());
  CHECK(f.number("SELECT count(*) FROM traces") == 50);
  CHECK(f.store->settled()["wallet"].picousd == 350);
  CHECK(sum_of_rows(f) == wallet(f));
}

TEST_CASE("a request whose row is committed is not under way any more") {
  Fixture f;
  const Intent intent = intent_of(f, 1000);
  die_after([&] {
    if (!f.open()) ::_exit(1);
    auto record = f.record(5);
    record.row.id = intent.id;
    record.intent = f.store->begin(intent).value_or(0);
    if (record.intent == 0 || !f.commit(record)) ::_exit(2);
  });
  CHECK(live_places(f) == 0);  // or it would come back once its row has been pruned
  REQUIRE(f.open().has_value());
  CHECK(f.store->interrupted() == 0);
  CHECK(f.store->settled()["wallet"].picousd == 5);
}

TEST_CASE("a start where nothing can be written knows what the database has beyond the floor") {
  Fixture f;
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(5)));
  f.store.reset();
  const auto old_floor = read_file(f.options.spend_floor);
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(7)));
  f.store.reset();
  std::ofstream(f.options.spend_floor, std::ios::trunc) << *old_floor;
  {
    IntentJournal journal;
    REQUIRE(journal.open(f.options.intents).trouble.empty());
    const auto slot = journal.begin(intent_of(f, 1000));
    REQUIRE(slot.has_value());
    journal.settle(*slot, Money{3}, 1'000'000);
  }
  SQLite::Database shell(f.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
  shell.exec("BEGIN IMMEDIATE");
  REQUIRE(f.open().has_value());
  CHECK(f.store->settled()["wallet"].picousd == 15);
  shell.exec("ROLLBACK");
  CHECK(eventually([&] { return wallet(f) == 15; }));
  CHECK(f.store->settled()["wallet"].picousd == 15);
}

TEST_CASE("a row that only memory had keeps its true cost through a kill") {
  Fixture f;
  REQUIRE(f.open().has_value());
  f.store.reset();
  const Intent known = intent_of(f, 1000), unknown = intent_of(f, 1000);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (!f.open()) ::_exit(1);
    (void)!::write(ends[1], "o", 1);
    if (!eventually([&] { return !f.commit(f.record(0)); })) ::_exit(4);
    auto record = f.record(5);
    record.row.id = known.id;
    record.row.project = "default";
    record.intent = *f.store->begin(known);
    if (f.commit(record)) ::_exit(2);
    (void)*f.store->begin(unknown);
    if (!eventually([&] {
          const auto floor = read_file(f.options.spend_floor);
          return floor && floor->find("5 wallet") != std::string::npos;
        }))
      ::_exit(3);
    ::kill(::getpid(), SIGKILL);
  }
  char ready = 0;
  REQUIRE(::read(ends[0], &ready, 1) == 1);
  SQLite::Database shell(f.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
  shell.exec("BEGIN EXCLUSIVE");
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  shell.exec("ROLLBACK");
  // 5 stand in the floor and in the journal, 1000 only there: none of it twice.
  REQUIRE(f.open().has_value());
  CHECK(f.store->settled()["wallet"].picousd == 1005);
  CHECK((*f.store->find(known.id))->row.cost == Money{5});
  CHECK((*f.store->find(unknown.id))->row.cost == Money{1000});
  CHECK(sum_of_rows(f) == wallet(f));
}

TEST_CASE("what is learnt on the way is what is found: the target, the held money, the id") {
  Fixture f;
  Intent intent = intent_of(f, 40);
  die_after([&] {
    if (!f.open()) ::_exit(1);
    const auto slot = *f.store->begin(intent);
    for (int i = 0; i < 7; ++i) {
      intent.provider = "other";
      intent.model = "lab/other";
      intent.upstream_model = "other-1";
      intent.reserved = Money{100 + i};
      f.store->amend(slot, intent, "req_" + std::to_string(i));
    }
  });
  REQUIRE(f.open().has_value());
  const auto rows = f.store->query({});
  REQUIRE(rows->size() == 1);
  CHECK(rows->front().row.provider == "other");
  CHECK(rows->front().row.model == "lab/other");
  CHECK(rows->front().row.upstream_model == "other-1");
  CHECK(rows->front().row.upstream_request_id == "req_6");
  CHECK(rows->front().row.cost == Money{106});
}

TEST_CASE("what had nothing held for it is found with an unknown cost, not a zero one") {
  Fixture f;
  const auto ids = leave_intents(f, 1, 0);
  REQUIRE(f.open().has_value());
  const auto found = f.store->find(ids.front());
  REQUIRE((found && *found));
  CHECK_FALSE((*found)->row.cost.has_value());
  CHECK_FALSE((*found)->row.reserved.has_value());
  CHECK((*found)->row.price_source == PriceSource::unknown);
  CHECK(f.store->settled().empty());
}

TEST_CASE("a lost or damaged database does not lose what was under way") {
  Fixture f;
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(500)));
  f.store.reset();
  leave_intents(f, 20, 10);
  SUBCASE("lost") {
    for (const char* ending : {"", "-wal", "-shm"})
      fs::remove(f.options.database.string() + ending);
  }
  SUBCASE("damaged") { std::ofstream(f.options.database, std::ios::trunc) << "these are my notes"; }
  REQUIRE(f.open().has_value());
  CHECK(f.store->interrupted() == 20);
  CHECK(f.store->settled()["wallet"].picousd == 700);
  CHECK(sum_of_rows(f) == wallet(f));
}

TEST_CASE("while the database cannot be written what was under way waits, and is not lost") {
  Fixture f;
  leave_intents(f, 5, 10);
  {
    SQLite::Database shell(f.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
    shell.exec("BEGIN EXCLUSIVE");
    REQUIRE(f.open().has_value());
    CHECK(f.store->settled()["wallet"].picousd == 50);
    f.store.reset();
    shell.exec("ROLLBACK");
  }
  REQUIRE(f.open().has_value());
  CHECK(f.store->settled()["wallet"].picousd == 50);
  CHECK(f.number("SELECT count(*) FROM traces") == 5);
  CHECK(sum_of_rows(f) == wallet(f));
}

TEST_CASE("a torn place is left out and counted, its neighbours are found") {
  Fixture f;
  leave_intents(f, 3, 10);
  spoil(f.options.intents, sizeof(IntentPlace) + offsetof(IntentPlace, request) + 20, '\x7f');
  REQUIRE(f.open().has_value());
  CHECK(f.store->interrupted() == 2);
  CHECK(std::any_of(f.troubles.begin(), f.troubles.end(), [](const std::string& words) {
    return words.starts_with("1 of the last process's requests");
  }));
  REQUIRE(f.open().has_value());
  CHECK(f.store->interrupted() == 0);
}

TEST_CASE("of a place any byte of which is spoilt, the money is right or the place is left out") {
  IntentPlace place;
  Fixture f;
  Intent intent = intent_of(f, 1234);
  write_intent(place, intent);
  write_reserved(place, Money{5678});
  for (std::size_t i = 0; i < sizeof place; ++i) {
    CAPTURE(i);
    IntentPlace spoilt = place;
    reinterpret_cast<char*>(&spoilt)[i] ^= 0x40;
    const auto read = read_intent(spoilt);
    if (!read) continue;
    CHECK(read->intent.id == intent.id);
    CHECK((read->intent.reserved == Money{5678} || read->intent.reserved == Money{1234}));
    CHECK((read->intent.provider == intent.provider || read->intent.provider.empty()));
  }
}

TEST_CASE("texts beyond what a row holds are cut between characters") {
  Fixture f;
  Intent intent = intent_of(f, 1);
  intent.session.clear();
  for (int i = 0; i < 100; ++i) intent.session += "\u00e4";  // two bytes each
  intent.session.insert(0, "x");
  IntentPlace place;
  write_intent(place, intent);
  const auto read = read_intent(place);
  REQUIRE(read.has_value());
  CHECK(read->intent.session == intent.session.substr(0, 127));
}

TEST_CASE("a journal that is none never stops the daemon") {
  Fixture f;
  SUBCASE("a folder") { fs::create_directory(f.options.intents); }
  SUBCASE("a link") { fs::create_symlink("elsewhere", f.options.intents); }
  SUBCASE("in a folder that is not there") { f.options.intents = f.folder / "no" / "intents"; }
  REQUIRE(f.open().has_value());
  CHECK(f.commit(f.record()));
  const auto begun = f.store->begin(intent_of(f, 1));
  REQUIRE_FALSE(begun.has_value());
  CHECK(begun.error().kind == ErrorKind::unavailable);
  CHECK(f.troubles.size() == 1);
}

TEST_CASE("a journal of somebody else's is used anew") {
  Fixture f;
  std::ofstream(f.options.intents) << std::string(100'000, 'x');
  REQUIRE(f.open().has_value());
  CHECK(f.store->interrupted() == 0);
  CHECK(f.troubles.size() == 1);
  CHECK(f.store->begin(intent_of(f, 1)).has_value());
}

TEST_CASE("without a path there is no journal, and nothing is refused for that") {
  Fixture f;
  f.options.intents.clear();
  REQUIRE(f.open().has_value());
  const auto slot = f.store->begin(intent_of(f, 1));
  REQUIRE(slot.has_value());
  CHECK(*slot == 0);
  f.store->amend(*slot, intent_of(f, 2), "req");
  CHECK(f.commit(f.record()));
}

TEST_CASE("the journal is for the owner alone, even if it was not") {
  Fixture f;
  std::ofstream(f.options.intents) << "";
  fs::permissions(f.options.intents, fs::perms::all);
  REQUIRE(f.open().has_value());
  CHECK(fs::status(f.options.intents).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a full journal refuses, and takes again once rows are committed") {
  Fixture f;
  REQUIRE(f.open().has_value());
  std::vector<IntentSlot> slots;
  for (std::size_t i = 0; i < IntentJournal::places; ++i)
    slots.push_back(f.store->begin(intent_of(f, 1)).value_or(0));
  CHECK(std::set<IntentSlot>(slots.begin(), slots.end()).size() == IntentJournal::places);
  CHECK(slots.front() != 0);
  CHECK(f.store->begin(intent_of(f, 1)).error().kind == ErrorKind::unavailable);
  auto record = f.record();
  record.intent = slots[5];
  REQUIRE(f.commit(record));
  CHECK(f.store->begin(intent_of(f, 1)).value_or(0) == slots[5]);
}

TEST_CASE("places are got and given back by many threads at once") {
  Fixture f;
  REQUIRE(f.open().has_value());
  std::atomic<int> committed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const Intent intent = intent_of(f, 9);
        auto record = f.record(2);
        record.row.id = intent.id;
        record.intent = f.store->begin(intent).value_or(0);
        f.store->amend(record.intent, intent, "req");
        f.store->submit(std::move(record), [&](bool ok) { committed += ok ? 1 : 0; });
      }
    });
  for (auto& thread : threads) thread.join();
  REQUIRE(eventually([&] { return committed == 2000; }));
  REQUIRE(f.open().has_value());
  CHECK(f.store->interrupted() == 0);
  CHECK(f.store->settled()["wallet"].picousd == 4000);
}

namespace {

bool no_room_story(Fixture& f) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{1u << 20, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  if (!f.open() || !f.commit(f.record(1))) return false;
  if (f.store->begin(intent_of(f, 1)) || f.troubles.size() != 1) return false;
  limit.rlim_cur = RLIM_INFINITY;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  return eventually([&] { return f.store->begin(intent_of(f, 1)).has_value(); });
}

}  // namespace

TEST_CASE("a disk without room for the journal is told, and the journal begun once there is") {
  const pid_t child = ::fork();
  if (child == 0) {
    bool ok = false;
    {
      Fixture f;
      ok = no_room_story(f);
    }
    ::_exit(ok ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}
