#include "daemon/auth/key_table.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/core/text.h"

namespace routerone {
namespace {

using auth::KeyFault;
using auth::KeyTable;

constexpr std::string_view alphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Bytes that a seed decides, so that a failure can be had again.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

const WallTime now = *parse_rfc3339("2026-11-20T12:00:00Z");
const Secret pepper("a pepper of some length");

struct Minted {
  std::string text;
  KeyRecord record;
};

Minted mint(std::uint64_t seed, const std::string& name) {
  SeededRandom random(seed);
  const Secret key = auth::make_key(random);
  Minted minted{std::string(key.reveal()), {}};
  minted.record.id = "id-" + name;
  minted.record.name = name;
  minted.record.hmac = auth::key_hmac(pepper, key.reveal());
  return minted;
}

tl::expected<Caller, KeyFault> ask(const KeyTable& table, std::vector<std::string_view> credentials,
                                   WallTime at = now) {
  return table.authenticate(credentials, at);
}

TEST_CASE("a key is sk-rk-, thirty digits of chance and a checksum") {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const std::string key = mint(seed, "k").text;
    CHECK(key.size() == 42);
    CHECK(key.starts_with("sk-rk-"));
    CHECK(key.substr(6).find_first_not_of(alphabet) == std::string::npos);
    CHECK(auth::well_formed(key));
    CHECK(seen.insert(key).second);
  }
}

TEST_CASE("every digit of a key is as likely as any other") {
  std::array<int, 62> counts{};
  SeededRandom random(7);
  constexpr int keys = 4000;
  for (int i = 0; i < keys; ++i) {
    const Secret key = auth::make_key(random);
    for (const char c : key.reveal().substr(6, 30)) ++counts[alphabet.find(c)];
  }
  constexpr int mean = keys * 30 / 62;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    CAPTURE(alphabet[i]);
    CHECK(counts[i] > mean * 85 / 100);
    CHECK(counts[i] < mean * 115 / 100);
  }
}

TEST_CASE("one wrong character anywhere breaks the checksum") {
  const std::string key = mint(1, "k").text;
  for (std::size_t at = 0; at < key.size(); ++at) {
    for (const char c : alphabet) {
      if (key[at] == c) continue;
      std::string wrong = key;
      wrong[at] = c;
      CHECK_FALSE(auth::well_formed(wrong));
    }
  }
}

TEST_CASE("two neighbours swapped, and any cut or addition, break the checksum") {
  const std::string key = mint(2, "k").text;
  for (std::size_t at = 6; at + 1 < key.size(); ++at) {
    std::string wrong = key;
    std::swap(wrong[at], wrong[at + 1]);
    CHECK(auth::well_formed(wrong) == (wrong == key));
  }
  for (std::size_t size = 0; size < key.size(); ++size) {
    CHECK_FALSE(auth::well_formed(key.substr(0, size)));
  }
  for (const char c : {'a', '0', ' ', '\n', '\0'}) {
    CHECK_FALSE(auth::well_formed(key + c));
    CHECK_FALSE(auth::well_formed(c + key));
  }
}

TEST_CASE("a hundred thousand random texts open nothing") {
  const Minted minted = mint(3, "k");
  const std::vector<KeyRecord> keys = {minted.record};
  const KeyTable table(keys, pepper);
  std::mt19937_64 random(4);
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = i % 2 == 0 ? "sk-rk-" : "";
    const std::size_t size = i % 4 == 0 ? 42 : random() % 64;
    while (text.size() < size) {
      text += i % 3 == 0 ? static_cast<char>(random()) : alphabet[random() % 62];
    }
    accepted += ask(table, {text}) ? 1 : 0;
  }
  CHECK(accepted == 0);
}

TEST_CASE("well-formed keys of somebody else open nothing either") {
  const Minted minted = mint(3, "k");
  const std::vector<KeyRecord> keys = {minted.record};
  const KeyTable table(keys, pepper);
  for (std::uint64_t seed = 100; seed < 2'100; ++seed) {
    const auto caller = ask(table, {mint(seed, "other").text});
    REQUIRE_FALSE(caller);
    REQUIRE(caller.error() == KeyFault::unknown);
  }
}

TEST_CASE("each key leads to its own record") {
  std::vector<Minted> minted;
  std::vector<KeyRecord> keys;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    minted.push_back(mint(seed, "k" + std::to_string(seed)));
    keys.push_back(minted.back().record);
  }
  const KeyTable table(keys, pepper);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto caller = ask(table, {minted[i].text});
    REQUIRE(caller);
    CHECK(caller->key == &keys[i]);
  }
}

TEST_CASE("a key is kept only as its HMAC, which another pepper does not give") {
  const Minted minted = mint(5, "k");
  const std::vector<KeyRecord> keys = {minted.record};
  CHECK(ask(KeyTable(keys, pepper), {minted.text}));
  const auto caller = ask(KeyTable(keys, Secret("another pepper")), {minted.text});
  REQUIRE_FALSE(caller);
  CHECK(caller.error() == KeyFault::unknown);
}

TEST_CASE("a key ends at its moment, and not before") {
  Minted minted = mint(6, "k");
  minted.record.limits.expires = now;
  const std::vector<KeyRecord> keys = {minted.record};
  const KeyTable table(keys, pepper);
  CHECK(ask(table, {minted.text}, now - std::chrono::microseconds(1)));
  const auto caller = ask(table, {minted.text}, now);
  REQUIRE_FALSE(caller);
  CHECK(caller.error() == KeyFault::expired);
}

TEST_CASE("a revoked key is refused as such, expired or not") {
  Minted minted = mint(7, "k");
  minted.record.revoked = now;
  minted.record.limits.expires = now - std::chrono::hours(1);
  const std::vector<KeyRecord> keys = {minted.record};
  const auto caller = ask(KeyTable(keys, pepper), {minted.text});
  REQUIRE_FALSE(caller);
  CHECK(caller.error() == KeyFault::revoked);
}

TEST_CASE("either of two credentials is enough, and the first fault is the one that is told") {
  const Minted good = mint(8, "good");
  Minted old = mint(9, "old");
  old.record.revoked = now;
  const std::vector<KeyRecord> keys = {good.record, old.record};
  const KeyTable table(keys, pepper);
  CHECK(ask(table, {good.text, "rubbish"}));
  CHECK(ask(table, {"rubbish", good.text}));
  CHECK(ask(table, {old.text, good.text})->key == &keys[0]);
  CHECK(ask(table, {"rubbish", old.text}).error() == KeyFault::malformed);
  CHECK(ask(table, {old.text, "rubbish"}).error() == KeyFault::revoked);
  CHECK(ask(table, {"", good.text}));
  CHECK(ask(table, {}).error() == KeyFault::none_sent);
  CHECK(ask(table, {"", ""}).error() == KeyFault::none_sent);
}

TEST_CASE("another service's login is told apart from a mistyped key") {
  const std::vector<KeyRecord> none;
  const KeyTable table(none, pepper);
  CHECK(ask(table, {"sk-ant-oat01-abc"}).error() == KeyFault::foreign);
  CHECK(ask(table, {"sk-proj-abc"}).error() == KeyFault::foreign);
  CHECK(ask(table, {"eyJhbGciOi.x.y"}).error() == KeyFault::foreign);
  CHECK(ask(table, {"sk-rk-abc"}).error() == KeyFault::malformed);
}

TEST_CASE("every fault is told in words that say what to do, and quote nothing") {
  std::set<std::string_view> said;
  for (const KeyFault fault : {KeyFault::none_sent, KeyFault::malformed, KeyFault::unknown,
                               KeyFault::expired, KeyFault::revoked, KeyFault::foreign}) {
    CHECK(said.insert(auth::explain(fault)).second);
    CHECK(auth::explain(fault).find("key") != std::string_view::npos);
  }
}

}  // namespace
}  // namespace routerone
