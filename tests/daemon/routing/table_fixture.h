#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/routing/model_table.h"

namespace routerone::test {

/// A small catalog of labs that are nobody's, and what a user may have set beside it.
class TableWorld {
 public:
  TableWorld() : catalog_(load()) {}

  ControlData data;
  routing::Credentials credentials;
  std::vector<routing::BuiltIn> built_in;

  ProviderRecord& add(const std::string& id, int priority = 0, int weight = 1) {
    ProviderRecord record;
    record.id = id;
    record.endpoints = {{"openai-chat", "https://" + id + ".test/v1"}};
    record.priority = priority;
    record.weight = weight;
    return data.providers.emplace_back(std::move(record));
  }

  std::unique_ptr<routing::ModelTable> table() const {
    return std::make_unique<routing::ModelTable>(data, catalog_, credentials, built_in);
  }

  tl::expected<routing::Planned, Refusal> plan(std::string_view model,
                                               const KeyRecord* key = nullptr,
                                               std::uint32_t dice = 1) {
    table_ = table();
    return table_->plan({model, "openai-chat", key, dice});
  }

  /// The plan as `provider:upstream`, joined by blanks; `-` is put before a fallback; a refusal's
  /// message after `!`.
  std::string route(std::string_view model, const KeyRecord* key = nullptr,
                    std::uint32_t dice = 1) {
    const auto planned = plan(model, key, dice);
    if (!planned) return "! " + planned.error().message;
    std::string text;
    for (const Target& target : planned->targets) {
      if (!text.empty()) text += " ";
      if (target.explicit_fallback) text += "-";
      text += target.endpoint->provider + ":" + target.name->upstream_model;
    }
    return text;
  }

 private:
  static catalog::Catalog load() {
    // `acme/duo` and `zeta/duo` share a slug; `acme/one` has an alias and two hosts.
    static const std::string text =
        R"({"generated":"2026-11-20","providers":[)" +
        provider("acme", R"("hq":"DE","policy":{"zdr":"default","trains_on_data":null})") + "," +
        provider("host", R"("hq":"US","policy":{"retention_days":30,"trains_on_data":false},)"
                         R"("quirks":["max_completion_tokens","of_tomorrow"])") +
        "," + provider("zeta", R"("policy":null)") + "," +
        provider("router", R"("quirks":["routes"])") + R"(],"models":[)" +
        model("acme/one", R"(["one-latest","uno"])", {{"acme", "one-v1"}, {"host", "acme/one"}}) +
        "," + model("acme/duo", "[]", {{"acme", "duo"}}) + "," +
        model("acme/solo", "[]", {{"host", "solo@v2"}}) + "," +
        model("zeta/duo", "[]", {{"zeta", "duo"}}) + "," +
        model("zeta/far", "[]", {{"zeta", "far"}, {"router", "zeta/far"}}) + "]}" +
        std::string(64, ' ');
    auto loaded = catalog::Catalog::load({text.data(), text.size() - 64});
    return *std::move(loaded);
  }
  static std::string provider(const std::string& id, const std::string& facts) {
    return R"({"id":")" + id + R"(","name":"N","kind":"lab","base_url":"https://)" + id +
           R"(.test/v1","dialect":"openai-chat","auth":"bearer",)" + facts + "}";
  }
  static std::string model(const std::string& id, const std::string& aliases,
                           const std::vector<std::pair<std::string, std::string>>& offers) {
    std::string text = R"({"id":")" + id + R"(","name":"The )" + id + R"(","lab":"lab",)" +
                       R"("kind":"chat","context":64000,"max_output":8000,"aliases":)" + aliases +
                       R"(,"offers":[)";
    for (std::size_t i = 0; i < offers.size(); ++i) {
      text += (i == 0 ? "" : ",") + std::string(R"({"provider":")") + offers[i].first +
              R"(","upstream_id":")" + offers[i].second + R"(","price":{"input":1,"output":2})" +
              (offers[i].first == "host" ? R"(,"context":32000})" : "}");
    }
    return text + "]}";
  }

  catalog::Catalog catalog_;
  std::unique_ptr<routing::ModelTable> table_;
};

}  // namespace routerone::test
