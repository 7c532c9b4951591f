#include "daemon/dialect/gemini/chunk.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "common/core/text.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/effort.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/gemini/usage.h"
#include "daemon/dialect/gemini/words.h"
#include "daemon/dialect/retry_after.h"
#include "daemon/dialect/text_find.h"

namespace routerone::dialect::gemini {
namespace {

using Element = simdjson::dom::element;

std::size_t length_of(std::optional<Element> list) {
  simdjson::dom::array entries;
  return list && list->get_array().get(entries) == simdjson::SUCCESS ? entries.size() : 0;
}

/// `48s`, `48.939935699s`; rounded up.
std::optional<std::chrono::seconds> seconds_of(std::string_view text) {
  std::int64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, whole);
  if (error != std::errc{} || whole < 0 || rest == end) return std::nullopt;
  if (*rest != 's' && *rest != '.') return std::nullopt;
  const std::chrono::seconds wait{std::min<std::int64_t>(whole, longest_retry_after.count()) +
                                  (*rest == '.' ? 1 : 0)};
  return std::min(wait, longest_retry_after);
}

std::optional<std::chrono::seconds> retry_delay(Element document) {
  simdjson::dom::array around;
  Element first;
  if (document.get_array().get(around) == simdjson::SUCCESS) {
    return around.at(0).get(first) == simdjson::SUCCESS && first.is_object() ? retry_delay(first)
                                                                             : std::nullopt;
  }
  const auto error = member(document, "error");
  const auto details = error ? member(*error, "details") : std::nullopt;
  simdjson::dom::array entries;
  if (details && details->get_array().get(entries) == simdjson::SUCCESS) {
    for (const Element entry : entries) {
      if (const auto wait = seconds_of(text_member(entry, "retryDelay"))) return wait;
    }
  }
  return error ? retry_after_in_words(text_member(*error, "message")) : std::nullopt;
}

std::optional<std::int64_t> searches_of(Element candidate, std::string_view model) {
  const auto grounding = member(candidate, "groundingMetadata");
  const std::size_t queries = grounding ? length_of(member(*grounding, "webSearchQueries")) : 0;
  if (queries == 0) return std::nullopt;
  return gemini_family(model).levels ? static_cast<std::int64_t>(queries) : 1;
}

void read_candidate(Element candidate, ChunkNews& news, Reading& reading) {
  const auto content = member(candidate, "content");
  if (content && length_of(member(*content, "parts")) > 0) news.content = true;
  const std::string finish = finish_word(text_member(candidate, "finishReason"));
  if (!finish.empty()) {
    news.finish = news.content = true;
    reading.finish_reason = finish;
  }
}

void read_candidates(Element root, ChunkNews& news, Reading& reading) {
  const auto list = member(root, "candidates");
  simdjson::dom::array candidates;
  if (!list || list->get_array().get(candidates) != simdjson::SUCCESS) return;
  for (const Element candidate : candidates) {
    read_candidate(candidate, news, reading);
    const auto searches = searches_of(candidate, reading.model);
    if (searches) {
      reading.usage.web_searches = std::max(*searches, reading.usage.web_searches.value_or(0));
    }
  }
}

/// A prompt that was not answered at all.
void read_feedback(Element root, ChunkNews& news, Reading& reading) {
  const auto feedback = member(root, "promptFeedback");
  const std::string_view blocked = feedback ? text_member(*feedback, "blockReason") : "";
  if (blocked.empty()) return;
  news.finish = news.content = true;
  reading.finish_reason = finish_word(blocked);
}

}  // namespace

ChunkNews read_chunk(std::string_view json, Reading& reading) {
  ChunkNews news;
  const Dom document(json);
  if (!document.ok() || !document.root().is_object()) {
    news.content = true;
    return news;
  }
  const Element root = document.root();
  if (member(root, "error")) {
    const ErrorWords words = read_error(root).value_or(ErrorWords{});
    news.failure = failure_of(words);
    news.retry_after = retry_delay(root);
    return news;
  }
  if (reading.model.empty()) reading.model = printable(text_member(root, "modelVersion"), 128);
  if (const auto usage = member(root, "usageMetadata")) {
    const Usage read = read_usage(*usage);
    const auto searches = reading.usage.web_searches;
    if (read.known() || !reading.usage.known()) reading.usage = read;
    reading.usage.web_searches = searches;
    news.usage = true;
  }
  read_candidates(root, news, reading);
  read_feedback(root, news, reading);
  return news;
}

void read_tail(std::string_view tail, Reading& reading, bool& finish_seen) {
  if (const auto usage = find_usage(tail, "usageMetadata")) {
    reading.usage = read_object(*usage, read_usage);
  }
  const std::string finish = finish_word(find_text(tail, "\"finishReason\""));
  if (finish.empty()) return;
  reading.finish_reason = finish;
  finish_seen = true;
}

std::optional<std::chrono::seconds> retry_delay(std::string_view body) {
  const Dom document(body);
  return document.ok() ? retry_delay(document.root()) : std::nullopt;
}

std::optional<std::int64_t> searches_in(std::string_view candidates, std::string_view model) {
  if (candidates.find("\"webSearchQueries\"") == std::string_view::npos) return std::nullopt;
  const Dom document(candidates);
  simdjson::dom::array list;
  if (!document.ok() || document.root().get_array().get(list) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  std::optional<std::int64_t> most;
  for (const Element candidate : list) {
    const auto searches = searches_of(candidate, model);
    if (searches) most = most.value_or(0) + *searches;
  }
  return most;
}

}  // namespace routerone::dialect::gemini
