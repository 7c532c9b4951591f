#include "daemon/dialect/envelope_scan.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect {
namespace {

enum Member : std::size_t { model, stream, stream_options, first_cap, second_cap, session };
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

/// The change that makes upstream report its usage; none if the caller has asked for it.
tl::expected<std::optional<Splice>, Refusal> ask_usage(std::string_view body,
                                                       const Picked& options) {
  static constexpr std::string_view asked = "\"include_usage\":true";
  static constexpr std::array<std::string_view, 1> wanted = {"include_usage"};
  const std::string whole = "{" + std::string(asked) + "}";
  if (!options.there()) {
    return Splice{body.find('{') + 1, 0, "\"stream_options\":" + whole + ","};
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

}  // namespace

tl::expected<Envelope, Refusal> scan_envelope(const EnvelopeNames& names, std::string_view body) {
  const std::array<std::string_view, session + 1> wanted = {
      "model",
      names.streams ? "stream" : "",
      names.asks_usage ? "stream_options" : "",
      names.caps[0],
      names.caps[1],
      names.session};
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
    TRY(envelope.ask_usage, ask_usage(body, (*members)[stream_options]));
  }
  const Picked& said = (*members)[session];
  if (said.there() && names.read_session != nullptr) {
    envelope.session = names.read_session(said.value);
  }
  return envelope;
}

std::string session_string(std::string_view value) { return as_string(value).value_or(""); }

}  // namespace routerone::dialect
