#include "daemon/dialect/gemini/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "common/core/text.h"
#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/opening.h"
#include "daemon/dialect/request_needs.h"

namespace routerone::dialect::gemini {
namespace {

constexpr std::array<std::string_view, 7> outer_names = {
    "generationConfig",   "generation_config", "model", "systemInstruction",
    "system_instruction", "contents",          "tools"};
constexpr std::array<std::string_view, 10> config_names = {
    "maxOutputTokens",    "max_output_tokens",    "responseSchema",   "response_schema",
    "responseJsonSchema", "response_json_schema", "responseMimeType", "response_mime_type",
    "thinkingConfig",     "thinking_config"};

tl::unexpected<Refusal> refuse(std::string message, std::string_view param) {
  return tl::unexpected<Refusal>(
      Refusal{RefusalKind::bad_request, std::move(message), std::string(param), {}});
}

tl::unexpected<Refusal> refuse(const JsonProblem& problem) {
  return refuse(fmt::format("the body is not a JSON object we can read: {}, at byte {}",
                            problem.what, problem.at),
                "");
}

/// The one of two spellings that is given; refused if that is not certain.
tl::expected<Picked, Refusal> one_of_two(const Picked& first, const Picked& second,
                                         std::string_view name) {
  if (first.times + second.times > 1) {
    return refuse("'" + std::string(name) + "' is given more than once", name);
  }
  if (first.respelled || second.respelled) {
    return refuse("'" + std::string(name) +
                      "' is also given in another spelling, which some readers would take for it",
                  name);
  }
  return second.there() ? second : first;
}

struct Places {
  std::array<Picked, outer_names.size()> outer;
  std::array<Picked, config_names.size()> inner;  ///< All absent where there is no config.
  Picked config, cap;
};

tl::expected<Places, Refusal> find_places(std::string_view body) {
  const auto outer = pick(body, outer_names);
  if (!outer) return refuse(outer.error());
  // Some server might believe this one instead of the path's.
  if ((*outer)[2].there() || (*outer)[2].respelled) {
    return refuse("the model stands in the path; leave 'model' out of the body", "model");
  }
  Places places{*outer, {}, {}, {}};
  TRY(places.config, one_of_two((*outer)[0], (*outer)[1], outer_names[0]));
  if (!places.config.there() || is_null(places.config.value)) return places;
  const auto inner = pick(places.config.value, config_names);
  if (!inner) return refuse("'generationConfig' must be an object", outer_names[0]);
  places.inner = *inner;
  TRY(places.cap, one_of_two((*inner)[0], (*inner)[1], "generationConfig.maxOutputTokens"));
  return places;
}

const Picked& either(const Picked& first, const Picked& second) {
  return second.there() ? second : first;
}

/// `{"thinkingBudget": 2048}`, below zero as much as the model likes; `{"thinkingLevel": "HIGH"}`.
bool asks_to_think(std::string_view config) {
  static constexpr std::array<std::string_view, 4> names = {"thinkingBudget", "thinking_budget",
                                                            "thinkingLevel", "thinking_level"};
  if (!config.starts_with('{')) return false;
  const auto inside = pick(config, names);
  if (!inside) return false;
  const std::string_view budget = either((*inside)[0], (*inside)[1]).value;
  const std::string text = as_string(budget).value_or(std::string(budget));
  const std::string level = lower(word_of(either((*inside)[2], (*inside)[3])));
  return as_whole(text).value_or(0) != 0 ||
         (level != "thinking_level_unspecified" && asks_for_thought(level));
}

RequestNeeds needs_of(const Places& places) {
  const auto& inner = places.inner;
  RequestNeeds needs;
  needs.tools = places.outer[6].value.starts_with('[') && says_something(places.outer[6]);
  const std::string type = word_of(either(inner[6], inner[7]));
  needs.structured = type == "application/json" || type == "text/x.enum" ||
                     std::any_of(inner.begin() + 2, inner.begin() + 6, says_something);
  needs.reasoning = asks_to_think(either(inner[8], inner[9]).value);
  return needs;
}

/// What the system says stands as a turn of its own, without a role.
Spans opening_of(std::string_view body, const Places& places) {
  static constexpr std::array<std::string_view, 1> names = {"parts"};
  Picked system = either(places.outer[3], places.outer[4]);
  if (system.value.starts_with('{')) {
    const auto inside = pick(system.value, names);
    if (inside) system = (*inside)[0];
  }
  return dialect::opening_of(body, system, places.outer[5], names[0], /*bare_is_user=*/true);
}

/// A member put first into the object that starts at `at`.
Splice insertion(std::string_view text, std::size_t at, std::string member) {
  const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
  if (text[next] != '}') member += ',';
  return {at + 1, 0, std::move(member)};
}

}  // namespace

tl::expected<Envelope, Refusal> read_envelope(std::string_view body) {
  TRY(const Places place, find_places(body));
  Envelope envelope;
  envelope.needs = needs_of(place);
  envelope.opening = opening_of(body, place);
  if (!place.cap.there() || is_null(place.cap.value)) return envelope;
  // As providers read whole numbers: also from a string.
  const auto text = as_string(place.cap.value);
  const auto value = as_whole(text ? std::string_view(*text) : place.cap.value);
  if (!value || *value < 0) {
    return refuse("'generationConfig.maxOutputTokens' must be a whole number",
                  "generationConfig.maxOutputTokens");
  }
  envelope.output_cap = value;
  return envelope;
}

tl::expected<Envelope, Refusal> read_object_only(std::string_view body) {
  if (const auto problem = JsonScan(body).members({}, {})) return refuse(*problem);
  return Envelope{};
}

std::vector<Splice> write_cap(std::string_view body, std::int64_t cap) {
  const auto place = find_places(body);
  if (!place) return {};
  const std::string number = std::to_string(cap);
  const std::string member = "\"" + std::string(config_names[0]) + "\":" + number;
  const Picked& config = place->config;
  if (!config.there()) {
    return {insertion(body, body.find('{'), "\"generationConfig\":{" + member + "}")};
  }
  if (is_null(config.value)) {
    return {{config.at(body), config.value.size(), "{" + member + "}"}};
  }
  if (place->cap.there()) {
    return {{place->cap.at(body), place->cap.value.size(), number}};
  }
  return {insertion(body, config.at(body), member)};
}

}  // namespace routerone::dialect::gemini
