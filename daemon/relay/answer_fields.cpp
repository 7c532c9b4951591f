#include "daemon/relay/answer_fields.h"

#include <array>

#include "common/core/text.h"

namespace routerone {
namespace {

constexpr std::array<std::string_view, 3> request_id_names = {"x-request-id", "request-id",
                                                              "x-generation-id"};

bool is_request_id(std::string_view name) {
  return iequals(name, request_id_names[0]) || iequals(name, request_id_names[1]);
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ",") + word;
  return all;
}

/// Of whatever dialect: they all have this word.
bool is_rate(std::string_view name) {
  constexpr std::string_view word = "ratelimit";
  for (std::size_t at = 0; at + word.size() <= name.size(); ++at) {
    if (iequals(name.substr(at, word.size()), word)) return true;
  }
  return false;
}

}  // namespace

AnswerFields::AnswerFields(const Journey& journey) {
  fields_.reserve(16);
  fields_.push_back({"x-request-id", journey.row.id});
  fields_.push_back({"request-id", journey.row.id});
  if (journey.rates.any()) add_rates(journey);
}

void AnswerFields::add_serving(const Journey& journey) {
  const auto ours = journey.elapsed() - journey.waited;
  fields_.push_back({"x-routerone-provider", journey.row.provider});
  fields_.push_back({"x-routerone-route", to_string(journey.row.route)});
  if (journey.automatic) fields_.push_back({"x-routerone-model", journey.serving});
  add("x-routerone-overhead-us", std::to_string(ours.count()));
  if (!journey.row.dropped.empty()) add("x-routerone-dropped", joined(journey.row.dropped));
  if (journey.row.clamped) add("x-routerone-clamped", std::to_string(*journey.row.clamped));
  if (!journey.row.upstream_request_id.empty()) {
    fields_.push_back({"x-routerone-upstream-request-id", journey.row.upstream_request_id});
  }
}

void AnswerFields::add_rates(const Journey& journey) {
  own_rates_ = true;
  const WallTime now = journey.exchange.loop().clock().wall();
  for (auto& [name, value] : journey.dialect.write_rates(journey.rates, now)) {
    storage_.push_back(std::move(name));
    add(storage_.back(), std::move(value));
  }
}

void AnswerFields::add_upstream(const dialect::Dialect& dialect, http::Fields upstream) {
  for (const http::Field& field : upstream) {
    if (is_request_id(field.name) || !dialect.forwards_response_header(field.name)) continue;
    if (own_rates_ && is_rate(field.name)) continue;
    fields_.push_back(field);
  }
}

void AnswerFields::set_type(std::string_view type) {
  constexpr std::string_view name = "content-type";
  const std::string_view bare = type.substr(0, type.find(';'));
  std::erase_if(fields_, [&](const http::Field& field) {
    return iequals(field.name, name) && !istarts_with(field.value, bare);
  });
  if (!http::find(fields_, name)) fields_.push_back({name, type});
}

void AnswerFields::add(std::string_view name, std::string value) {
  storage_.push_back(std::move(value));
  fields_.push_back({name, storage_.back()});
}

std::string_view upstream_request_id(http::Fields fields) {
  for (const std::string_view name : request_id_names) {
    if (const auto id = http::find(fields, name)) return *id;
  }
  return {};
}

}  // namespace routerone
