#include "daemon/dialect/gemini/envelope.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect::gemini {
namespace {

constexpr std::array<std::string_view, 3> outer_names = {"generationConfig", "generation_config",
                                                         "model"};
constexpr std::array<std::string_view, 2> cap_names = {"maxOutputTokens", "max_output_tokens"};

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

struct CapPlace {
  Picked config, cap;
};

tl::expected<CapPlace, Refusal> find_cap(std::string_view body) {
  const auto outer = pick(body, outer_names);
  if (!outer) return refuse(outer.error());
  // Some server might believe this one instead of the path's.
  if ((*outer)[2].there() || (*outer)[2].respelled) {
    return refuse("the model stands in the path; leave 'model' out of the body", "model");
  }
  CapPlace place;
  TRY(place.config, one_of_two((*outer)[0], (*outer)[1], outer_names[0]));
  if (!place.config.there() || is_null(place.config.value)) return place;
  const auto inner = pick(place.config.value, cap_names);
  if (!inner) return refuse("'generationConfig' must be an object", outer_names[0]);
  TRY(place.cap, one_of_two((*inner)[0], (*inner)[1], "generationConfig.maxOutputTokens"));
  return place;
}

/// A member put first into the object that starts at `at`.
Splice insertion(std::string_view text, std::size_t at, std::string member) {
  const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
  if (text[next] != '}') member += ',';
  return {at + 1, 0, std::move(member)};
}

}  // namespace

tl::expected<Envelope, Refusal> read_envelope(std::string_view body) {
  TRY(const CapPlace place, find_cap(body));
  Envelope envelope;
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
  const auto place = find_cap(body);
  if (!place) return {};
  const std::string number = std::to_string(cap);
  const std::string member = "\"" + std::string(cap_names[0]) + "\":" + number;
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
