#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/catalog/catalog.h"
#include "daemon/auth/key_table.h"
#include "daemon/dialect/registry.h"
#include "tests/support/relay_world.h"
#include "tests/support/temp_dir.h"

namespace routerone::test {

/// A relay between a caller in memory and a scripted upstream: everything else is real. Two
/// providers, `a` before `b`, serve `lab/m` at 1 and 2 USD a million tokens.
struct RelayFixture {
  struct Seen {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string got;
    bool ended = false, aborted = false;

    std::string field(std::string_view name) const {
      for (const auto& [known, value] : fields) {
        if (known == name) return value;
      }
      return "";
    }
  };

  RelayFixture() {
    store::StoreOptions options;
    options.database = dir.path() / "t.db";
    options.spend_floor = dir.path() / "floor";
    store = *store::TraceStore::open(options, clock);
    recorder = std::make_unique<RowKeeper>(*store, loop);
    recorder->caller_has = [this] { return exchange ? exchange->got : std::string(); };
    relay = std::make_unique<Relay>(upstream, *recorder, cooling, random, requests);
    relay->use(make_snapshot());
  }

  /// `key` nullptr: the right one.
  Seen ask(std::string path, std::string body, const char* key = nullptr) {
    exchange = std::make_unique<MemoryExchange>(loop, std::move(path), std::move(body));
    authorization_ = "Bearer " + (key ? std::string(key) : std::string(key_.reveal()));
    exchange->request().fields = {{"content-type", "application/json"},
                                  {"authorization", authorization_}};
    const dialect::Match match = dialect::match(exchange->head().path, exchange->head().fields);
    loop.spawn(run(match));
    loop.run();
    loop.context().restart();
    return {exchange->status, exchange->fields, exchange->got, exchange->ended, exchange->aborted};
  }

  const std::vector<TraceRow>& rows() const { return recorder->rows; }
  const std::vector<std::string>& seen_at_commit() const { return recorder->seen_at_commit; }

  TempDir dir;
  ManualClock clock;
  CountingRandom random;
  net::Loop loop{clock};
  ScriptedUpstream upstream;
  Cooling cooling{clock};
  std::atomic<std::uint64_t> requests{0};
  std::unique_ptr<store::TraceStore> store;
  std::unique_ptr<RowKeeper> recorder;
  std::unique_ptr<Relay> relay;
  std::unique_ptr<MemoryExchange> exchange;

 private:
  net::Task<void> run(dialect::Match match) {
    co_await relay->handle(*exchange, match);
    loop.stop();
  }

  std::shared_ptr<const Snapshot> make_snapshot() {
    ControlData data;
    SystemRandom entropy;
    key_ = auth::make_key(entropy);
    const Secret pepper("pepper");
    KeyRecord key;
    key.id = "k1";
    key.name = "ci";
    key.hmac = auth::key_hmac(pepper, key_.reveal());
    data.keys.push_back(key);
    for (const char* id : {"a", "b"}) {
      ProviderRecord provider;
      provider.id = id;
      provider.endpoints = {{"openai-chat", "http://127.0.0.1:1/v1"}};
      provider.auth = AuthScheme::none;
      provider.priority = id[0] - 'a';
      data.providers.push_back(provider);
    }
    return std::make_shared<const Snapshot>(std::move(data), catalog_, routing::Credentials{},
                                            std::vector<routing::BuiltIn>{}, Secret("pepper"));
  }

  static std::string catalog_text() {
    std::string text = R"({"schema_version":1,"generated":"2026-11-20","currency":"USD","unit":"",
"sources":[],"providers":[
{"id":"a","name":"A","kind":"inference","base_url":"http://a/v1","dialect":"openai-chat","auth":"bearer","env":[],"offers":1,"listed_by":[]},
{"id":"b","name":"B","kind":"inference","base_url":"http://b/v1","dialect":"openai-chat","auth":"bearer","env":[],"offers":1,"listed_by":[]}
],"models":[
{"id":"lab/m","name":"M","lab":"lab","kind":"chat","released":"2026-01-01","context":1000,"max_output":100,"modalities":{"input":["text"],"output":["text"]},"tools":true,"reasoning":false,"structured_output":true,"open_weights":false,"core":true,"offers":[
{"provider":"a","upstream_id":"m-a","price":{"input":1,"output":2},"price_source":"x","seen":"x"},
{"provider":"b","upstream_id":"m-b","price":{"input":1,"output":2},"price_source":"x","seen":"x"}]}
]})";
    text.append(64, '\0');
    return text;
  }

  std::string text_ = catalog_text();
  catalog::Catalog catalog_ =
      *catalog::Catalog::load(std::string_view(text_).substr(0, text_.size() - 64));
  Secret key_;
  std::string authorization_;
};

}  // namespace routerone::test
