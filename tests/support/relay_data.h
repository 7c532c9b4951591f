#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/catalog/catalog.h"
#include "common/core/random.h"
#include "common/core/secret.h"
#include "daemon/auth/key_table.h"
#include "daemon/relay/snapshot.h"

namespace routerone::test {

/// What a relay decides by: two providers, `a` before `b`, serve `lab/m` at 1 and 2 USD a million
/// tokens, to whoever has `key`. Outlives its snapshots.
class RelayData {
 public:
  std::shared_ptr<const Snapshot> snapshot(const Limits& limits = {}) {
    ControlData data;
    data.settings = settings;
    SystemRandom entropy;
    key = auth::make_key(entropy);
    const Secret pepper("pepper");
    KeyRecord record;
    record.id = "k1";
    record.name = "ci";
    record.limits = limits;
    record.hmac = auth::key_hmac(pepper, key.reveal());
    data.keys.push_back(record);
    for (const char* id : {"a", "b"}) {
      ProviderRecord provider;
      provider.id = id;
      provider.endpoints = {{dialect, "http://127.0.0.1:1/v1"}};
      provider.auth = AuthScheme::none;
      provider.priority = id[0] - 'a';
      data.providers.push_back(provider);
    }
    if (edit) edit(data);
    return std::make_shared<const Snapshot>(std::move(data), catalog_, routing::Credentials{},
                                            std::vector<routing::BuiltIn>{}, Secret("pepper"));
  }

  Secret key;                           ///< Made by snapshot().
  std::string dialect = "openai-chat";  ///< That both providers speak.
  Settings settings;
  std::function<void(ControlData&)> edit;  ///< What else the user has set.

 private:
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
};

}  // namespace routerone::test
