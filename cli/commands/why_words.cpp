#include "cli/commands/why_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/commands/views.h"
#include "cli/commands/why_choice.h"
#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

using Sentences = std::vector<std::string>;
using Word = std::pair<std::string_view, std::string_view>;

/// What a target that failed did.
constexpr std::array<Word, 11> failures{{
    {"connect", "could not be reached"},
    {"timeout", "did not answer in time"},
    {"cut", "broke off"},
    {"bad_answer", "gave no proper answer"},
    {"server_error", "failed"},
    {"overloaded", "was overloaded"},
    {"rate_limited", "was at its rate limit"},
    {"request_timeout", "gave up waiting for the request"},
    {"credential_refused", "refused its credential"},
    {"model_missing", "does not have the model"},
    {"caller_fault", "refused the request as wrong"},
}};

/// Why a request was refused.
constexpr std::array<Word, 14> refusals{{
    {"bad_key", "its key is missing, unknown, expired or revoked"},
    {"forbidden", "it came from where none may come from"},
    {"limit_reached", "a spend limit was used up"},
    {"rate_limited", "a limit of requests or tokens was reached"},
    {"bad_request", "nobody here can take such a request"},
    {"unprocessable", "a provider could not process it"},
    {"unknown_model", "the key has no such model"},
    {"unknown_path", "there is no such path"},
    {"method_not_allowed", "the path takes another method"},
    {"too_large", "it was too large"},
    {"unsupported_media", "its type of content is not taken"},
    {"upgrade_required", "the path is for WebSockets only"},
    {"shed", "the daemon had no room for it"},
    {"internal", "the daemon itself was at fault"},
}};

template <std::size_t Count>
std::string words_for(const std::array<Word, Count>& table, const std::string& word) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Word& entry) { return entry.first == word; });
  return found == table.end() ? word : std::string(found->second);
}

std::string target_of(const Json& attempt) {
  const std::string account = text_of(attempt, "account");
  return text_of(attempt, "provider") + (account.empty() ? "" : "#" + account) + "/" +
         text_of(attempt, "upstream_model");
}

std::string attempt_words(const Json& attempt) {
  const std::string error = text_of(attempt, "error");
  const std::int64_t status = whole_of(attempt, "status");
  std::string words = fmt::format("{} {}", target_of(attempt), words_for(failures, error));
  if (status >= 400) words += fmt::format(" (status {})", status);
  if (const auto took = figure_of(attempt, "latency_ms"))
    words += " after " + short_duration(*took);
  return words;
}

std::string server_of(const Json& trace) {
  const Json& attempts = part_of(trace, "attempts");
  return attempts.is_array() && !attempts.empty() ? target_of(attempts.back()) : "another one";
}

/// Two were asked at once, and this one came second.
void tell_race(Sentences& out, const Json& trace, const Json& loser) {
  const std::string cost = text_of(loser, "cost_usd");
  const bool first = text_of(part_of(trace, "fallback"), "reason") == "late";
  std::string words =
      first ? fmt::format("But {} was later than usual; so {} was asked too and was quicker",
                          target_of(loser), server_of(trace))
            : fmt::format("It was later than usual; so {} was asked too, but came second",
                          target_of(loser));
  if (!cost.empty()) words += fmt::format(" (that may cost {})", usd_cell(cost).shown);
  out.push_back(words + ".");
}

void tell_failures(Sentences& out, const Json& trace) {
  std::vector<std::string> failed;
  for (const Json& attempt : part_of(trace, "attempts")) {
    const std::string error = text_of(attempt, "error");
    if (text_of(attempt, "code") == "hedged")
      tell_race(out, trace, attempt);
    else if (!error.empty() && error != "cancelled")
      failed.push_back(attempt_words(attempt));
  }
  if (failed.empty()) return;
  const std::string list = list_some(failed);
  const bool served = text_of(trace, "state") != "upstream_failed";
  out.push_back(served ? fmt::format("But {}; so {} was asked.", list, server_of(trace))
                       : fmt::format("It failed: {}.", list));
}

void tell_excluded(Sentences& out, const Json& routing) {
  std::map<std::string, std::vector<std::string>> by_reason;
  std::vector<std::string> reasons;
  for (const Json& one : part_of(routing, "excluded")) {
    const std::string why = text_of(one, "words");
    const std::string reason = why.empty() ? text_of(one, "reason") : why;
    const std::string model = text_of(one, "model"), provider = text_of(one, "provider");
    if (!by_reason.contains(reason)) reasons.push_back(reason);
    by_reason[reason].push_back(model.empty()      ? provider
                                : provider.empty() ? model
                                                   : fmt::format("{} at {}", model, provider));
  }
  for (std::string& reason : reasons)
    reason = fmt::format("{} ({})", list_some(by_reason[reason]), reason);
  if (!reasons.empty()) out.push_back(fmt::format("Left out: {}.", fmt::join(reasons, "; ")));
}

std::string place_words(const Json& trace) {
  const std::string model = text_of(trace, "model"), upstream = text_of(trace, "upstream_model");
  std::string words = fmt::format("{} at {}", model, text_of(trace, "provider"));
  // `openai/gpt-5` as `gpt-5` says nothing new.
  if (!upstream.empty() && !model.ends_with("/" + upstream) && model != upstream)
    words += fmt::format(" (as {})", upstream);
  return words;
}

std::string failure_words(const Json& trace) {
  if (text_of(trace, "provider").empty()) return ", and nobody served it.";
  const Json& attempts = part_of(trace, "attempts");
  const bool refused = attempts.is_array() && !attempts.empty() &&
                       text_of(attempts.back(), "error") == "caller_fault";
  return refused ? fmt::format("; {} refused it.", place_words(trace))
                 : fmt::format("; {} began to serve it and failed.", place_words(trace));
}

/// The first sentence: what was asked for and what came of it.
std::string opening(const Json& trace) {
  const std::string asked = text_of(trace, "requested_model"), state = text_of(trace, "state");
  const std::string error = text_of(trace, "error");
  const std::string subject = asked.empty() ? "No model was asked for" : asked + " was asked for";
  if (state == "shed") return subject + ", but the daemon had no room for it just then.";
  if (state == "refused")
    return fmt::format("{}; it was refused, and nobody was asked: {}.", subject,
                       words_for(refusals, error));
  if (state == "interrupted")
    return fmt::format("{}; the daemon died while {} was at it.", subject, place_words(trace));
  if (state == "upstream_failed") return subject + failure_words(trace);
  if (state == "client_gone")
    return text_of(trace, "provider").empty()
               ? fmt::format("{}; the caller left before anybody had been asked.", subject)
               : fmt::format("{}; {} was at it when the caller left.", subject, place_words(trace));
  return text_of(trace, "provider").empty()
             ? fmt::format("{}, and the daemon itself answered.", subject)
             : fmt::format("{}, and {} served it.", subject, place_words(trace));
}

void tell_choice(Sentences& out, const Json& trace) {
  const Json& routing = part_of(trace, "routing");
  if (routing.is_object()) {
    for (std::string& words : choice_sentences(routing)) out.push_back(std::move(words));
    return;
  }
  if (!text_of(trace, "provider").empty())
    out.push_back("There was no choice: nobody else here has what was asked for.");
}

std::string money_words(const Json& trace) {
  const Cell cost = usd_cell(text_of(trace, "cost_usd"));
  if (text_of(trace, "cost_usd").empty()) return "What it cost is not known; it";
  return fmt::format("It cost {} and", cost.shown);
}

void tell_bill(Sentences& out, const Json& trace) {
  const auto took = figure_of(trace, "latency_ms");
  if (!took || text_of(trace, "provider").empty()) return;
  std::string words = fmt::format("{} took {}", money_words(trace), short_duration(*took));
  if (const auto first = figure_of(trace, "ttft_ms"))
    words += fmt::format(", with the first token after {}", short_duration(*first));
  out.push_back(words + ".");
}

}  // namespace

std::vector<std::string> why_sentences(const Json& trace) {
  Sentences out = {opening(trace)};
  tell_choice(out, trace);
  tell_excluded(out, part_of(trace, "routing"));
  tell_failures(out, trace);
  if (!text_of(trace, "clamped").empty())
    out.push_back(
        fmt::format("Its answer was capped at {} tokens, which is what a limit could pay.",
                    text_of(trace, "clamped")));
  tell_bill(out, trace);
  return out;
}

}  // namespace routerone::cli
