#include "daemon/dialect/envelope_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/member_splice.h"
#include "daemon/dialect/opening.h"
#include "daemon/dialect/request_needs.h"
#include "daemon/dialect/route_words_scan.h"

namespace routerone::dialect {
namespace {

enum Member : std::size_t {
  model,
  stream,
  stream_options,
  first_cap,
  second_cap,
  usage,
  models,
  provider,
  first_session,  ///< From here on none is decisive.
  second_session,
  route,
  system,
  turns,
  first_need,
  member_count = first_need + need_names.size(),
};
using Members = std::array<Picked, member_count>;
using Names = std::array<std::string_view, member_count>;

tl::unexpected<Refusal> refuse(std::string message, std::string_view param) {
  return tl::unexpected<Refusal>(
      Refusal{RefusalKind::bad_request, std::move(message), std::string(param), {}});
}

tl::unexpected<Refusal> refuse(const JsonProblem& problem) {
  return refuse(fmt::format("the body is not a JSON object we can read: {}, at byte {}",
                            problem.what, problem.at),
                "");
}

std::optional<Refusal> refuse_doubtful(const Names& names, const Members& members) {
  for (std::size_t i = model; i < first_session; ++i) {
    const std::string name(names[i]);
    if (members[i].times > 1) {
      return Refusal{RefusalKind::bad_request, "'" + name + "' is given more than once", name, {}};
    }
    if (members[i].respelled) {
      return Refusal{RefusalKind::bad_request,
                     "'" + name +
                         "' is also given in another spelling, which some readers would "
                         "take for it",
                     name,
                     {}};
    }
  }
  return std::nullopt;
}

tl::expected<bool, Refusal> read_stream(const Picked& member) {
  if (!member.there() || is_null(member.value)) return false;
  const auto value = as_bool(member.value);
  if (!value) return refuse("'stream' must be true or false", "stream");
  return *value;
}

tl::expected<std::optional<std::int64_t>, Refusal> read_cap(const Members& members,
                                                            const EnvelopeNames& names) {
  std::optional<std::int64_t> cap;
  for (std::size_t i = 0; i < names.caps.size(); ++i) {
    const Picked& member = members[first_cap + i];
    if (!member.there() || is_null(member.value)) continue;
    const std::string name(names.caps[i]);
    const auto value = as_whole(member.value);
    if (!value || *value < 0) return refuse("'" + name + "' must be a whole number", name);
    if (cap && *cap != *value) {
      return refuse(fmt::format("'{}' and '{}' differ; give one of them", names.caps[0], name),
                    name);
    }
    cap = value;
  }
  return cap;
}

bool is_given(const Picked& member) { return member.there() && !is_null(member.value); }

/// The question that OpenRouter's clients put: what did it cost?
tl::expected<std::optional<Splice>, Refusal> asks_cost(std::string_view body, const Picked& usage,
                                                       const Picked& anchor) {
  static constexpr std::array<std::string_view, 1> wanted = {"include"};
  if (!usage.there() || !usage.value.starts_with('{')) return std::nullopt;
  const auto inside = pick(usage.value, wanted);
  if (!inside) return std::nullopt;
  if ((*inside)[0].times > 1) return refuse("'include' is given more than once", "usage.include");
  if (!(*inside)[0].there() || !as_bool((*inside)[0].value).value_or(false)) return std::nullopt;
  return removal(body, usage, anchor);
}

/// The change that makes upstream report its usage; none if the caller has asked for it.
tl::expected<std::optional<Splice>, Refusal> ask_usage(std::string_view body, const Picked& anchor,
                                                       const Picked& options) {
  static constexpr std::string_view asked = "\"include_usage\":true";
  static constexpr std::array<std::string_view, 1> wanted = {"include_usage"};
  const std::string whole = "{" + std::string(asked) + "}";
  if (!options.there()) {
    return insertion(body, anchor, "\"stream_options\":" + whole);
  }
  const std::size_t at = options.at(body);
  if (is_null(options.value)) return Splice{at, options.value.size(), whole};
  const auto inside = pick(options.value, wanted);
  if (!inside) return refuse("'stream_options' must be an object", "stream_options");
  const Picked& include = (*inside)[0];
  if (include.times > 1 || include.respelled) {
    return refuse("'include_usage' is given more than once", "stream_options.include_usage");
  }
  if (!include.there()) {
    const bool empty = options.value.find('"') == std::string_view::npos;
    return Splice{at + 1, 0, std::string(asked) + (empty ? "" : ",")};
  }
  if (is_null(include.value)) return Splice{include.at(body), include.value.size(), "true"};
  const auto value = as_bool(include.value);
  if (!value) {
    return refuse("'include_usage' must be true or false", "stream_options.include_usage");
  }
  if (*value) return std::nullopt;
  return Splice{include.at(body), include.value.size(), "true"};
}

std::string read_session(const Members& members, const EnvelopeNames& names) {
  std::string session;
  for (const Member each : {first_session, second_session}) {
    if (session.empty() && is_given(members[each])) {
      session = names.read_session(members[each].value);
    }
  }
  return session;
}

Names wanted_names(const EnvelopeNames& names) {
  Names wanted = {"model",
                  names.streams ? "stream" : "",
                  names.asks_usage ? "stream_options" : "",
                  names.caps[0],
                  names.caps[1],
                  "usage",
                  "models",
                  "provider",
                  names.sessions[0],
                  names.sessions[1],
                  "route",
                  names.system,
                  names.turns};
  if (!names.turns.empty()) {
    std::copy(need_names.begin(), need_names.end(), wanted.begin() + first_need);
  }
  return wanted;
}

/// The member that stays whatever is changed: the model's, or that of the models to choose from.
const Picked& anchor_of(const Picked& model, const Picked& models) {
  return model.there() ? model : models;
}

void set_model(std::string_view body, std::string_view value, Envelope& envelope) {
  envelope.model = as_string(value).value_or("");
  envelope.model_at = static_cast<std::size_t>(value.data() - body.data());
  envelope.model_size = value.size();
}

/// Which model, or which models one after the other, and by whom.
tl::expected<void, Refusal> read_routing(std::string_view body, const Members& members,
                                         Envelope& envelope) {
  const Picked& name = members[model];
  const RoutePlaces places{members[models], members[provider], members[route]};
  if (places.any()) {
    TRY(envelope.routes, read_route_words(places));
  }
  if (name.there()) {
    set_model(body, name.value, envelope);
    if (envelope.model.empty()) {
      return refuse("'model' must be a string that is not empty", "model");
    }
    if (places.any()) write_without(body, places, name, envelope);
    return {};
  }
  std::vector<std::string>& others = envelope.routes.models;
  if (others.empty()) return refuse("you must say which model: 'model' is missing", "model");
  others.erase(others.begin());
  set_model(body, write_without_list(body, places, envelope), envelope);
  return {};
}

}  // namespace

tl::expected<Envelope, Refusal> scan_envelope(const EnvelopeNames& names, std::string_view body) {
  const auto wanted = wanted_names(names);
  const auto members = pick(body, wanted);
  if (!members) return refuse(members.error());
  if (auto doubtful = refuse_doubtful(wanted, *members)) {
    return tl::unexpected<Refusal>(*std::move(doubtful));
  }

  Envelope envelope;
  TRY_STATUS(read_routing(body, *members, envelope));
  const Picked& anchor = anchor_of((*members)[model], (*members)[models]);
  TRY(envelope.stream, read_stream((*members)[stream]));
  TRY(envelope.output_cap, read_cap(*members, names));
  if (envelope.stream && names.asks_usage) {
    TRY(envelope.ask_usage, ask_usage(body, anchor, (*members)[stream_options]));
  }
  TRY(envelope.asks_cost, asks_cost(body, (*members)[usage], anchor));
  envelope.session = read_session(*members, names);
  envelope.needs = needs_of(std::span(*members).last<need_names.size()>());
  envelope.opening =
      opening_of(body, (*members)[system], (*members)[turns], "content", /*bare_is_user=*/false);
  return envelope;
}

std::vector<Splice> replace_caps(const EnvelopeNames& names, std::string_view body,
                                 std::int64_t cap, std::string_view only) {
  const std::array<std::string_view, 4> wanted = {names.caps[0], names.caps[1], "model", "models"};
  const auto members = pick(body, wanted);
  if (!members || names.caps[0].empty()) return {};
  std::size_t chosen = is_given((*members)[0]) || !is_given((*members)[1]) ? 0 : 1;
  if (!only.empty()) chosen = names.caps[1] == only ? 1 : 0;
  const Picked& target = (*members)[chosen];
  const Picked& other = (*members)[1 - chosen];
  const bool renames = !only.empty() && !is_given(target);
  const std::string number = std::to_string(cap);
  const std::string member = '"' + std::string(names.caps[chosen]) + "\":" + number;

  std::vector<Splice> splices;
  if (target.there()) splices.push_back(new_value(body, target, number));
  if (is_given(other)) {
    if (!renames) {
      splices.push_back(new_value(body, other, number));
    } else if (target.there()) {
      splices.push_back(new_value(body, other, "null"));
    } else {
      splices.push_back(new_member(body, other, member));
    }
  }
  if (splices.empty())
    splices.push_back(insertion(body, anchor_of((*members)[2], (*members)[3]), member));
  return splices;
}

std::string session_string(std::string_view value) {
  static constexpr std::array<std::string_view, 1> names = {"id"};
  if (!value.starts_with('{')) return as_string(value).value_or("");
  const auto inside = pick(value, names);
  return inside ? as_string((*inside)[0].value).value_or("") : "";
}

}  // namespace routerone::dialect
