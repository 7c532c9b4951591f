// The envelope of every dialect: whatever is sent, nothing outside of it is touched; what we decide
// on is what the next reader will find; and changing the model, or taking out the words for
// routing, changes nothing else.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "daemon/dialect/json_value.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/splice.h"
#include "tests/fuzz/bytes.h"

using namespace routerone;
using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 64> words = {
    "{\"model\":\"a/b\"",
    "\"model\":",
    "\"lab/m\"",
    "\"stream\":",
    "true",
    "false",
    "null",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\\"",
    "\\u006d",
    "\"mode\\u006c\":\"x\"",
    "\"stream_options\":",
    "{\"include_usage\":true}",
    "\"include_usage\":",
    "\"max_tokens\":",
    "\"max_completion_tokens\":",
    "\"max_output_tokens\":",
    "1e3",
    "-0.5",
    "12",
    "99999999999999999999",
    "\"Model\":\"y\"",
    "\"user\":\"u\"",
    "\"prompt_cache_key\":\"k\"",
    "\"metadata\":{\"user_id\":\"s\"}",
    "\xc3\xa9",
    "\xff",
    "\\ud83d\\ude00",
    "{\"model\":\"m\",\"stream\":true,\"messages\":[",
    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]",
    "{\"models\":[\"a\",\"b\"]",
    "\"models\":",
    "\"model\\u0073\":[\"c\"]",
    "[\"a\" , \"b\"]",
    "\"provider\":",
    "\"provider\":{",
    "\"order\":",
    "\"only\":",
    "\"allow_fallbacks\":",
    "\"sort\":\"price\"",
    "\"max_price\":{\"prompt\":",
    "\"data_collection\":\"deny\"",
    "\"route\":\"fallback\"",
    "\"usage\":{\"include\":true}",
    "\"system\":",
    "\"instructions\":",
    "\"input\":",
    "\"messages\":",
    "\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]",
    "\"systemInstruction\":",
    "{\"role\":\"user\",\"content\":",
    "{\"role\":\"assistant\",\"content\":\"4\"}",
    "{\"type\":\"text\",\"text\":\"x\",\"cache_control\":{}}",
    "\"tools\":[{}]",
    "\"reasoning\":{\"effort\":\"low\"}",
    "\"response_format\":{\"type\":\"json_object\"}",
    "\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":1}}",
    " \n"};

constexpr std::string_view new_name = "up\"stream\n";

/// What a target makes of the words about providers.
enum class Reader { routes, names_itself, other };

using Splices = std::vector<dialect::Splice>;

Splices changes_for(Reader reader, const dialect::Envelope& envelope) {
  Splices changes = {{envelope.model_at, envelope.model_size, dialect::json_quoted(new_name)}};
  const auto add = [&changes](const Splices& more) {
    changes.insert(changes.end(), more.begin(), more.end());
  };
  if (envelope.ask_usage) changes.push_back(*envelope.ask_usage);
  add(envelope.without_models);
  if (reader == Reader::names_itself) add(envelope.without_providers);
  if (reader != Reader::other) return changes;
  add(envelope.without_routes);
  if (envelope.asks_cost) changes.push_back(*envelope.asks_cost);
  return changes;
}

std::string changed(std::string_view body, Splices splices) {
  std::sort(splices.begin(), splices.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  std::size_t from = 0;
  for (const dialect::Splice& splice : splices) {
    fuzz::require(splice.at >= from, "changes do not overlap");
    fuzz::require(splice.at + splice.removed <= body.size(), "changes lie inside the body");
    from = splice.at + splice.removed;
  }
  std::string result;
  for (const std::string_view piece : dialect::splice(body, splices)) result.append(piece);
  return result;
}

/// Another reader, which takes the last of two equal names as most do.
json parsed(std::string_view body) { return json::parse(body, nullptr, false); }

/// What should be left of the words for routing.
void take_out_words(Reader reader, const json& now, json& old) {
  old.erase("models");
  if (!now.contains("route") && old.contains("route")) {
    fuzz::require(old["route"] == json("fallback"), "only a known route goes");
    old.erase("route");
  }
  if (!old.contains("provider") || old["provider"].is_string()) return;
  if (reader == Reader::other) old.erase("provider");
  if (reader != Reader::names_itself || !old["provider"].is_object()) return;
  for (const char* list : {"order", "only"}) {
    if (old["provider"].contains(list)) old["provider"][list] = nullptr;
  }
}

void check_kept(Reader reader, const dialect::Envelope& envelope, std::string_view before,
                std::string_view after) {
  json old = parsed(before);
  json now = parsed(after);
  if (old.is_discarded()) return;  // text that is not UTF-8: not ours to judge
  fuzz::require(now.is_object(), "a changed body is still an object");
  fuzz::require(now["model"] == json(new_name), "the next reader finds the new name");
  if (envelope.ask_usage) {
    json& options = now["stream_options"];
    fuzz::require(options["include_usage"] == json(true), "the next reader finds the question");
    options.erase("include_usage");
    json& had = old["stream_options"];
    if (had.is_null()) had = json::object();
    had.erase("include_usage");
  }
  take_out_words(reader, now, old);
  if (reader == Reader::other && envelope.asks_cost) old.erase("usage");
  old.erase("model");
  now.erase("model");
  fuzz::require(old == now, "everything else is as it was");
}

/// What the words say to the one who reads them next.
RouteWords words_left(Reader reader, RouteWords said) {
  if (reader == Reader::other) return {};
  said.models.clear();
  if (reader == Reader::names_itself) {
    said.order.clear();
    said.only.clear();
  }
  return said;
}

std::string opening(std::string_view body, const dialect::Envelope& envelope) {
  std::string out;
  for (const auto& [at, size] : envelope.opening) {
    fuzz::require(at <= body.size() && size <= body.size() - at && size > 0,
                  "the opening lies in the body");
    out.append(body.substr(at, size)).push_back('\0');
  }
  return out;
}

void check_for(Reader reader, const dialect::Dialect& dialect, const dialect::Operation& operation,
               std::string_view body, const dialect::Envelope& envelope) {
  const std::string after = changed(body, changes_for(reader, envelope));
  const auto again = dialect.read_envelope(operation, after);
  fuzz::require(again.has_value(), "a changed body is taken again");
  fuzz::require(again->model == new_name, "the new name is read back");
  fuzz::require(again->stream == envelope.stream, "streaming is as it was");
  fuzz::require(again->output_cap == envelope.output_cap, "the cap is as it was");
  fuzz::require(again->session == envelope.session, "the session is as it was");
  fuzz::require(again->needs == envelope.needs, "the needs are as they were");
  fuzz::require(opening(after, *again) == opening(body, envelope), "the opening is as it was");
  fuzz::require(again->routes == words_left(reader, envelope.routes), "the words are obeyed once");
  fuzz::require(!again->ask_usage, "usage is asked for once");
  check_kept(reader, envelope, body, after);
}

void check(const dialect::Dialect& dialect, const dialect::Operation& operation,
           std::string_view body) {
  const auto envelope = dialect.read_envelope(operation, body);
  if (!envelope) {
    const auto written = dialect.write_refusal(envelope.error(), "trace", "program");
    fuzz::require(json::accept(written.body), "a refusal is sound JSON");
    return;
  }
  opening(body, *envelope);
  if (envelope->model_size == 0) return;  // It stands in the path.
  const std::size_t end = envelope->model_at + envelope->model_size;
  fuzz::require(end <= body.size() && envelope->model_size >= 2, "the name lies in the body");
  fuzz::require(body[envelope->model_at] == '"' && body[end - 1] == '"', "the name is a string");
  fuzz::require(!envelope->ask_usage || envelope->stream, "only streams are asked for usage");
  for (const Reader reader : {Reader::routes, Reader::names_itself, Reader::other}) {
    check_for(reader, dialect, operation, body, *envelope);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size, words);
  for (const dialect::Dialect* dialect : dialect::all()) {
    for (const dialect::Operation& operation : dialect->operations()) {
      check(*dialect, operation, input.text());
    }
  }
  return 0;
}
