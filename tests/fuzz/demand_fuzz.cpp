// What a request demands: whatever is sent, the bound never leaves out a byte that is not media,
// and changing the cap or taking the question for the cost out changes nothing else.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "daemon/dialect/registry.h"
#include "daemon/dialect/splice.h"
#include "tests/fuzz/bytes.h"

using namespace routerone;
using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 48> words = {
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[",
    "{\"model\":\"m\",\"input\":[{\"type\":\"message\",\"content\":[",
    "{\"model\":\"m\",\"tools\":[{\"type\":\"",
    "]}]}",
    "\"}]}",
    "{\"type\":\"text\",\"text\":\"x\"}",
    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"",
    "{\"type\":\"input_image\",\"image_url\":\"",
    "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"",
    "{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":[",
    "{\"type\":\"file\",\"file\":{\"file_data\":\"",
    "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"",
    "{\"type\":\"tool_result\",\"content\":[",
    "{\"type\":\"function_call_output\",\"output\":[",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFN",
    "data:application/pdf;base64,JVBERi0xLjQKPDwgL1R5cGUgL1BhZ2VzIC9Db3VudCAzID4+",
    "/9j/4AAQSkZJRgABAQAAAQABAAD/wAARCAECAwQDAREAAhEBAxEB",
    "UklGRgAAAABXRUJQVlA4WAoAAAAAAAAAfwIA3wEA",
    "R0lGODlhgALgAfc=",
    "https://x",
    "\"}",
    "\"}}",
    "]}}",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\/",
    "\\n",
    "\\u0069",
    "\"n\":3",
    "\"max_tokens\":7",
    "\"max_completion_tokens\":7",
    "\"max_output_tokens\":7",
    "\"max\\u005ftokens\":null",
    "\"usage\":{\"include\":true}",
    "\"stream\":true",
    "\"thinking\":{\"budget_tokens\":5}",
    "web_search_20250305\",\"max_uses\":3,\"x\":\"",
    "\"web_search_options\":{}",
    "\"prompt\":[\"a\",\"b\"]",
    "\"previous_response_id\":\"r\"",
    "\"file_id\":\"f\"",
    "\"type\":",
    "\"Type\":\"image_url\"",
    "\"context_management\":{\"edits\":[{\"type\":\"compact\"}]}"};

std::string changed(std::string_view body, std::vector<dialect::Splice> splices) {
  std::sort(splices.begin(), splices.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  std::size_t from = 0;
  for (const dialect::Splice& splice : splices) {
    fuzz::require(splice.at >= from && splice.at + splice.removed <= body.size(),
                  "changes lie inside the body, one behind the other");
    from = splice.at + splice.removed;
  }
  std::string result;
  for (const std::string_view piece : dialect::splice(body, splices)) result.append(piece);
  return result;
}

void check_demand(const dialect::Dialect& dialect, const dialect::Operation& operation,
                  std::string_view body) {
  const auto demand = dialect.measure(operation, body);
  if (!demand) return;
  const auto size = static_cast<std::int64_t>(body.size());
  const bool media =
      !demand->images.empty() || demand->document_pages > 0 || demand->audio_bytes > 0;
  fuzz::require(demand->text_bytes >= 0 && demand->text_bytes <= size, "text lies in the body");
  fuzz::require(media || demand->text_bytes == size, "only media is not text");
  fuzz::require(demand->choices >= 1 && demand->server_turns >= 0, "counts are counts");
  const auto longer = dialect.measure(operation, std::string(body) + "  ");
  fuzz::require(longer && longer->text_bytes == demand->text_bytes + 2, "bytes add up");
}

void check_cap(const dialect::Dialect& dialect, const dialect::Operation& operation,
               std::string_view body, const Quirks& quirks) {
  const auto splices = dialect.write_cap(operation, body, 50, quirks);
  const std::string after = changed(body, splices);
  const auto again = dialect.read_envelope(operation, after);
  fuzz::require(again.has_value(), "a capped body is taken again");
  const bool generates = operation.kind == dialect::OperationKind::generate;
  fuzz::require(splices.empty() != generates, "what generates can be capped");
  fuzz::require(!generates || again->output_cap == 50, "the cap is read back");
  json old = json::parse(body, nullptr, false), now = json::parse(after, nullptr, false);
  if (old.is_discarded()) return;  // text that is not UTF-8
  for (json* one : {&old, &now}) {
    for (const char* name : {"max_tokens", "max_completion_tokens", "max_output_tokens"}) {
      one->erase(name);
    }
    for (const char* name : {"generationConfig", "generation_config"}) {
      if (!one->contains(name)) continue;
      json& config = (*one)[name];
      if (config.is_object()) config.erase("maxOutputTokens"), config.erase("max_output_tokens");
      if (config.empty()) one->erase(name);
    }
  }
  fuzz::require(old == now, "everything else is as it was");
}

void check(const dialect::Dialect& dialect, const dialect::Operation& operation,
           std::string_view body) {
  const auto envelope = dialect.read_envelope(operation, body);
  if (!envelope) return;
  check_demand(dialect, operation, body);
  Quirks newer;
  newer.max_completion_tokens = true;
  check_cap(dialect, operation, body, {});
  check_cap(dialect, operation, body, newer);
  if (!envelope->asks_cost) return;
  const auto again = dialect.read_envelope(operation, changed(body, {*envelope->asks_cost}));
  fuzz::require(again && !again->asks_cost, "the question is gone");
  std::vector<dialect::Splice> all = dialect.write_cap(operation, body, 50, newer);
  all.push_back(*envelope->asks_cost);
  if (envelope->ask_usage) all.push_back(*envelope->ask_usage);
  all.push_back({envelope->model_at, envelope->model_size, "\"other\""});
  const auto other = dialect.read_envelope(operation, changed(body, all));
  fuzz::require(other && other->model == "other", "all changes fit together");
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
