#include "daemon/dialect/envelope_scan.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect {
namespace {

enum Member : std::size_t { model, stream, stream_options, first_cap, second_cap, usage, session };
using Members = std::array<Picked, session + 1>;

tl::unexpected<Refusal> refuse(std::string message, std::string_view param) {
  return tl::unexpected<Refusal>(
      Refusal{RefusalKind::bad_request, std::move(message), std::string(param), {}});
}

tl::unexpected<Refusal> refuse(const JsonProblem& problem) {
  return refuse(fmt::format("the body is not a JSON object we can read: {}, at byte {}",
                            problem.what, problem.at),
                "");
}

std::optional<Refusal> refuse_doubtful(const std::array<std::string_view, session + 1>& names,
                                       const Members& members) {
  for (std::size_t i = model; i < session; ++i) {
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

/// Where a member's name starts, quotes included: no name that we act on has a quote in it, however
/// it is spelled.
std::size_t name_at(std::string_view body, const Picked& member) {
  const std::size_t colon = body.rfind(':', member.at(body) - 1);
  const std::size_t closing = body.rfind('"', colon);
  return body.rfind('"', closing - 1);
}

/// New members go before the model's: nothing else is ever changed just there.
Splice insertion(std::string_view body, const Picked& model, std::string member) {
  return {name_at(body, model), 0, std::move(member) + ","};
}

bool is_given(const Picked& member) { return member.there() && !is_null(member.value); }

Splice new_value(std::string_view body, const Picked& member, std::string value) {
  return {member.at(body), member.value.size(), std::move(value)};
}

/// In the place of name and value.
Splice new_member(std::string_view body, const Picked& old, std::string member) {
  const std::size_t start = name_at(body, old);
  return {start, old.at(body) + old.value.size() - start, std::move(member)};
}

/// Takes a member out, with one of its commas.
Splice removal(std::string_view body, const Picked& member) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t start = name_at(body, member);
  const std::size_t end = member.at(body) + member.value.size();
  const std::size_t next = body.find_first_not_of(space, end);
  if (body[next] == ',') return {start, next + 1 - start, ""};
  const std::size_t before = body.find_last_not_of(space, start - 1);
  const std::size_t from = body[before] == ',' ? before : start;
  return {from, end - from, ""};
}

/// The question that OpenRouter's clients put: what did it cost?
tl::expected<std::optional<Splice>, Refusal> asks_cost(std::string_view body, const Picked& usage) {
  static constexpr std::array<std::string_view, 1> wanted = {"include"};
  if (!usage.there() || !usage.value.starts_with('{')) return std::nullopt;
  const auto inside = pick(usage.value, wanted);
  if (!inside) return std::nullopt;
  if ((*inside)[0].times > 1) return refuse("'include' is given more than once", "usage.include");
  if (!(*inside)[0].there() || !as_bool((*inside)[0].value).value_or(false)) return std::nullopt;
  return removal(body, usage);
}

/// The change that makes upstream report its usage; none if the caller has asked for it.
tl::expected<std::optional<Splice>, Refusal> ask_usage(std::string_view body, const Picked& model,
                                                       const Picked& options) {
  static constexpr std::string_view asked = "\"include_usage\":true";
  static constexpr std::array<std::string_view, 1> wanted = {"include_usage"};
  const std::string whole = "{" + std::string(asked) + "}";
  if (!options.there()) {
    return insertion(body, model, "\"stream_options\":" + whole);
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

std::array<std::string_view, session + 1> wanted_names(const EnvelopeNames& names) {
  return {"model",
          names.streams ? "stream" : "",
          names.asks_usage ? "stream_options" : "",
          names.caps[0],
          names.caps[1],
          "usage",
          names.session};
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
  const Picked& name = (*members)[model];
  if (!name.there()) return refuse("you must say which model: 'model' is missing", "model");
  envelope.model = as_string(name.value).value_or("");
  if (envelope.model.empty()) return refuse("'model' must be a string that is not empty", "model");
  envelope.model_at = name.at(body);
  envelope.model_size = name.value.size();

  TRY(envelope.stream, read_stream((*members)[stream]));
  TRY(envelope.output_cap, read_cap(*members, names));
  if (envelope.stream && names.asks_usage) {
    TRY(envelope.ask_usage, ask_usage(body, name, (*members)[stream_options]));
  }
  TRY(envelope.asks_cost, asks_cost(body, (*members)[usage]));
  const Picked& said = (*members)[session];
  if (said.there() && names.read_session != nullptr) {
    envelope.session = names.read_session(said.value);
  }
  return envelope;
}

std::vector<Splice> replace_caps(const EnvelopeNames& names, std::string_view body,
                                 std::int64_t cap, std::string_view only) {
  const std::array<std::string_view, 3> wanted = {names.caps[0], names.caps[1], "model"};
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
  if (splices.empty()) splices.push_back(insertion(body, (*members)[2], member));
  return splices;
}

std::string session_string(std::string_view value) { return as_string(value).value_or(""); }

}  // namespace routerone::dialect
