#include <simdjson.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "common/catalog/layers.h"
#include "common/catalog/price_reader.h"
#include "common/core/text.h"

namespace routerone::catalog {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t most_providers = 5'000;
constexpr std::size_t most_models = 50'000;
constexpr std::size_t most_offers = 200'000;
constexpr std::size_t longest_name = 256;
constexpr std::size_t longest_url = 2'048;
constexpr std::int64_t most_tokens = 1'000'000'000;

constexpr std::array<std::string_view, 5> dialects = {
    "openai-chat", "openai-responses", "anthropic-messages", "gemini", "bedrock-converse"};
constexpr std::array<std::string_view, 8> auths = {
    "bearer",    "x-api-key",           "x-goog-api-key", "api-key",
    "gcp-oauth", "aws-sigv4-or-bearer", "oauth-device",   "none"};

Error at_fault(const std::string& where, std::string_view what) {
  return {
      ErrorKind::invalid, "the catalog cannot be used: " + where + ": " + std::string(what), {}};
}

/// One row of the update, and where it stands.
struct Row {
  dom::object object;
  std::string where;

  Status wrong(std::string_view what) const { return tl::unexpected(at_fault(where, what)); }

  std::string_view text(std::string_view key) const {
    std::string_view value;
    if (object[key].get_string().get(value)) return {};
    return value;
  }
  /// A name that stands in tables, headers and log lines: visible, in one line, not too long.
  Status check_name(std::string_view key) const {
    const std::string_view value = text(key);
    const bool clean = std::none_of(value.begin(), value.end(),
                                    [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (!value.empty() && clean && value.size() <= longest_name) return {};
    return wrong("its '" + std::string(key) + "' is missing or not a name");
  }
  template <class List>
  Status check_one_of(std::string_view key, const List& list) const {
    const std::string_view value = text(key);
    if (std::find(list.begin(), list.end(), value) != list.end()) return {};
    return wrong("its " + std::string(key) + " '" + printable(value, 64) + "' is not known");
  }
  Status check_tokens(std::string_view key) const {
    dom::element value;
    if (object[key].get(value) || value.is_null()) return {};
    std::int64_t tokens = 0;
    if (value.get_int64().get(tokens) == simdjson::SUCCESS && tokens >= 0 &&
        tokens <= most_tokens) {
      return {};
    }
    return wrong("its " + std::string(key) + " is not a number of tokens");
  }
  Status check_url() const {
    const std::string_view url = text("base_url");
    // A variable may be the whole beginning: the user sets it.
    const bool web =
        url.starts_with("https://") || url.starts_with("http://") || url.starts_with('{');
    if (web && url.size() <= longest_url && url.find_first_of(" \r\n\t") == url.npos) return {};
    return wrong("its base_url is not one");
  }
};

/// The names an update uses, so that none is used twice.
struct Names {
  std::set<std::string, std::less<>> providers, models;
  std::set<std::pair<std::string, std::string>> offers;
};

Result<Row> row_of(dom::element value, std::string where) {
  Row row{{}, std::move(where)};
  if (value.get_object().get(row.object)) return tl::unexpected(at_fault(row.where, "no object"));
  return row;
}

Status check_provider(const Row& row, Names& names) {
  for (const char* key : {"id", "name"}) TRY_STATUS(row.check_name(key));
  const std::string_view id = row.text("id");
  if (id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") != id.npos) {
    return row.wrong("an id is made of a-z, 0-9, '.', '_' and '-'");
  }
  if (!names.providers.emplace(id).second) return row.wrong("its id is there twice");
  TRY_STATUS(row.check_one_of("dialect", dialects));
  TRY_STATUS(row.check_one_of("auth", auths));
  TRY_STATUS(row.check_url());
  dom::object headers;
  if (!row.object["headers"].get_object().get(headers)) {
    for (const auto header : headers) {
      std::string_view value;
      const bool good =
          !header.value.get_string().get(value) &&
          (std::string(header.key) + std::string(value)).find_first_of("\r\n") == std::string::npos;
      if (!good) return row.wrong("a header is not text of one line");
    }
  }
  dom::element peak;
  if (!row.object["peak"].get(peak) && peak.is_object()) {
    const auto read = read_peak_hours(simdjson::minify(peak));
    if (!read) return row.wrong(read.error().message);
  }
  dom::array endpoints;
  if (row.object["endpoints"].get_array().get(endpoints)) return {};
  for (const dom::element endpoint : endpoints) {
    TRY(const Row one, row_of(endpoint, row.where + ": an endpoint"));
    TRY_STATUS(one.check_one_of("dialect", dialects));
    TRY_STATUS(one.check_url());
  }
  return {};
}

Status check_offer(const Row& row, Names& names) {
  for (const char* key : {"provider", "upstream_id"}) TRY_STATUS(row.check_name(key));
  if (!names.providers.contains(row.text("provider"))) {
    return row.wrong("there is no provider '" + printable(row.text("provider"), 64) + "'");
  }
  if (!names.offers.emplace(row.text("provider"), row.text("upstream_id")).second) {
    return row.wrong("this provider offers the id twice");
  }
  if (!row.object["dialect"].error()) TRY_STATUS(row.check_one_of("dialect", dialects));
  for (const char* key : {"context", "max_output"}) TRY_STATUS(row.check_tokens(key));
  dom::element price;
  if (row.object["price"].get(price) || price.is_null()) return {};
  const auto read = read_offer_price(simdjson::minify(row.object));
  if (!read) return row.wrong("price: " + read.error().message);
  return {};
}

Status check_model(const Row& row, Names& names) {
  for (const char* key : {"id", "name", "lab", "kind"}) TRY_STATUS(row.check_name(key));
  const std::string_view id = row.text("id");
  if (id.find('/') == id.npos || id != lower(id)) {
    return row.wrong("an id is lab/name in lower case");
  }
  if (!names.models.emplace(id).second) return row.wrong("its name is there twice");
  for (const char* key : {"context", "max_output"}) TRY_STATUS(row.check_tokens(key));
  dom::array aliases;
  if (!row.object["aliases"].get_array().get(aliases)) {
    for (const dom::element alias : aliases) {
      std::string_view name;
      if (alias.get_string().get(name) || name.empty() || name.size() > longest_name) {
        return row.wrong("an alias is not a name");
      }
      if (!names.models.emplace(name).second) return row.wrong("an alias of it is there twice");
    }
  }
  dom::array offers;
  if (row.object["offers"].get_array().get(offers)) return row.wrong("it has no list of offers");
  std::size_t index = 0;
  for (const dom::element offer : offers) {
    TRY(const Row one, row_of(offer, row.where + ", offer " + std::to_string(++index)));
    TRY_STATUS(check_offer(one, names));
  }
  if (names.offers.size() > most_offers) return row.wrong("more offers than anyone has");
  return {};
}

template <class Check>
Status check_list(const dom::object& top, const std::string& key, std::size_t most, Check check) {
  dom::array list;
  if (top[key].get_array().get(list)) return tl::unexpected(at_fault(key, "there is no such list"));
  if (list.size() > most) return tl::unexpected(at_fault(key, "too many"));
  std::size_t index = 0;
  for (const dom::element element : list) {
    TRY(Row row, row_of(element, key + " " + std::to_string(++index)));
    row.where += " (" + printable(row.text("id"), 64) + ")";
    TRY_STATUS(check(row));
  }
  return {};
}

}  // namespace

Status check_update(std::string_view json, const Rows& below) {
  dom::parser parser;
  dom::object top;
  const simdjson::padded_string text(json);
  if (parser.parse(text).get_object().get(top)) {
    return fail(ErrorKind::invalid, "the catalog is not a JSON object");
  }
  std::int64_t version = 0;
  if (top["schema_version"].get_int64().get(version) || version != 1) {
    return fail(ErrorKind::invalid, "the catalog is not of schema_version 1",
                "a newer one needs a newer routerone");
  }
  const std::string day(Row{top, {}}.text("generated"));
  if (!parse_rfc3339(day + "T00:00:00Z")) {
    return fail(ErrorKind::invalid, "the catalog does not say when it was generated (YYYY-MM-DD)");
  }
  Names names;
  TRY_STATUS(check_list(top, "providers", most_providers,
                        [&](const Row& row) { return check_provider(row, names); }));
  for (const Provider& provider : below.providers) names.providers.emplace(provider.id);
  return check_list(top, "models", most_models,
                    [&](const Row& row) { return check_model(row, names); });
}

}  // namespace routerone::catalog
