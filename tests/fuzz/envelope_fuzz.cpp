// The envelope of every dialect: whatever is sent, nothing outside of it is touched; what we decide
// on is what the next reader will find; and changing the model changes nothing else.
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

constexpr std::array<std::string_view, 36> words = {
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
    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"};

constexpr std::string_view new_name = "up\"stream\n";

std::string changed(std::string_view body, const dialect::Envelope& envelope) {
  std::vector<dialect::Splice> splices = {
      {envelope.model_at, envelope.model_size, dialect::json_quoted(new_name)}};
  if (envelope.ask_usage) splices.push_back(*envelope.ask_usage);
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

void check_kept(std::string_view before, std::string_view after, bool asked) {
  json old = parsed(before);
  json now = parsed(after);
  if (old.is_discarded()) return;  // text that is not UTF-8: not ours to judge
  fuzz::require(now.is_object(), "a changed body is still an object");
  fuzz::require(now["model"] == json(new_name), "the next reader finds the new name");
  if (asked) {
    json& options = now["stream_options"];
    fuzz::require(options["include_usage"] == json(true), "the next reader finds the question");
    options.erase("include_usage");
    json& had = old["stream_options"];
    if (had.is_null()) had = json::object();
    had.erase("include_usage");
  }
  old.erase("model");
  now.erase("model");
  fuzz::require(old == now, "everything else is as it was");
}

void check(const dialect::Dialect& dialect, const dialect::Operation& operation,
           std::string_view body) {
  const auto envelope = dialect.read_envelope(operation, body);
  if (!envelope) {
    const auto written = dialect.write_refusal(envelope.error(), "trace", "program");
    fuzz::require(json::accept(written.body), "a refusal is sound JSON");
    return;
  }
  if (envelope->model_size == 0) return;  // It stands in the path.
  const std::size_t end = envelope->model_at + envelope->model_size;
  fuzz::require(end <= body.size() && envelope->model_size >= 2, "the name lies in the body");
  fuzz::require(body[envelope->model_at] == '"' && body[end - 1] == '"', "the name is a string");
  fuzz::require(!envelope->ask_usage || envelope->stream, "only streams are asked for usage");

  const std::string after = changed(body, *envelope);
  const auto again = dialect.read_envelope(operation, after);
  fuzz::require(again.has_value(), "a changed body is taken again");
  fuzz::require(again->model == new_name, "the new name is read back");
  fuzz::require(again->stream == envelope->stream, "streaming is as it was");
  fuzz::require(again->output_cap == envelope->output_cap, "the cap is as it was");
  fuzz::require(again->session == envelope->session, "the session is as it was");
  fuzz::require(!again->ask_usage, "usage is asked for once");
  check_kept(body, after, envelope->ask_usage.has_value());
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
