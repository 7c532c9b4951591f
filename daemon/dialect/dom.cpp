#include "daemon/dialect/dom.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/mended_json.h"
#include "daemon/dialect/text_find.h"

namespace routerone::dialect {
namespace {

constexpr std::size_t usual_size = 1 << 10, largest_kept = 16 << 10;
constexpr std::size_t most_kept = 4;
/// Scratch memory only: what one tree left in it is never read by the next.
thread_local std::vector<std::unique_ptr<simdjson::dom::parser>> spare_parsers;

/// The trees that are alive, each knows the one made before it: few, the last first.
thread_local Dom* last_made = nullptr;

constexpr std::array<std::string_view, 11> tier_words = {
    "auto",  "default", "standard",  "flex",      "priority",    "batch",
    "scale", "fast",    "on_demand", "dedicated", "performance",
};

constexpr std::int64_t most = (std::int64_t{1} << 53) - 1;

}  // namespace

Dom::Dom(std::string_view json) : json_(json), before_(std::exchange(last_made, this)) {
  if (json.data() == nullptr) json = "";  // simdjson copies even nothing, but not from nowhere
  if (spare_parsers.empty()) {
    parser_ = std::make_unique<simdjson::dom::parser>();
  } else {
    parser_ = std::move(spare_parsers.back());
    spare_parsers.pop_back();
  }
  if (parser_->capacity() < json.size() || parser_->max_depth() != JsonScan::max_depth) {
    const std::size_t capacity = std::max(json.size(), usual_size);
    if (parser_->allocate(capacity, JsonScan::max_depth) != simdjson::SUCCESS) return;
  }
  auto error = parser_->parse(json.data(), json.size(), true).get(root_);
  const bool mendable = error == simdjson::STRING_ERROR || error == simdjson::UTF8_ERROR ||
                        error == simdjson::NUMBER_ERROR;
  if (mendable) {
    error = parser_->parse(mended_json(json)).get(root_);
  }
  ok_ = error == simdjson::SUCCESS;
}

Dom::~Dom() {
  Dom** at = &last_made;
  while (*at != this) at = &(*at)->before_;
  *at = before_;
  if (parser_->capacity() > largest_kept || spare_parsers.size() >= most_kept) return;
  spare_parsers.push_back(std::move(parser_));
}

std::string_view Dom::spelling_of(simdjson::dom::element number) {
  for (const Dom* each = last_made; each; each = each->before_) {
    const simdjson::dom::document& tree = each->parser_->doc;
    if (!each->ok_ || !NumberSpellings::belongs(number, tree)) continue;
    if (!each->spellings_) each->spellings_.emplace(each->json_, tree);
    return each->spellings_->of(number);
  }
  return {};
}

std::optional<simdjson::dom::element> member(simdjson::dom::element value, std::string_view name) {
  simdjson::dom::object object;
  simdjson::dom::element found;
  if (value.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  if (object.at_key(name).get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
  return found;
}

std::string_view text_member(simdjson::dom::element value, std::string_view name) {
  const auto found = member(value, name);
  std::string_view text;
  if (!found || found->get_string().get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::string tier_word(std::string_view said) { return one_of(said, tier_words); }

std::string tier_member(simdjson::dom::element value) {
  return tier_word(text_member(value, "service_tier"));
}

std::optional<std::int64_t> count_member(simdjson::dom::element value, std::string_view name) {
  const auto found = member(value, name);
  if (!found) return std::nullopt;
  std::int64_t whole = 0;
  if (found->get_int64().get(whole) == simdjson::SUCCESS) {
    return std::clamp<std::int64_t>(whole, 0, most);
  }
  std::uint64_t large = 0;
  if (found->get_uint64().get(large) == simdjson::SUCCESS) return most;
  double number = 0;
  if (found->get_double().get(number) != simdjson::SUCCESS) return std::nullopt;
  if (!(number > 0)) return 0;
  if (number >= static_cast<double>(most)) return most;
  return static_cast<std::int64_t>(number);
}

std::optional<Money> usd_member(simdjson::dom::element value, std::string_view name) {
  const auto found = member(value, name);
  double usd = 0;
  if (!found || found->get_double().get(usd) != simdjson::SUCCESS) return std::nullopt;
  // Nothing one request costs comes near this; what is beyond is nonsense.
  if (!(usd > 0) || usd > 1e6) return std::nullopt;
  const auto exact = parse_usd(fmt::format("{:.12f}", usd));
  if (!exact || exact->picousd <= 0) return std::nullopt;
  return *exact;
}

}  // namespace routerone::dialect
