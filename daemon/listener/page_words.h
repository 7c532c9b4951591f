#pragma once

#include <array>
#include <string_view>

#include "daemon/exchange/refusal.h"

namespace routerone {

/// What both pages about the gateway say.

struct NamedWords {
  std::string_view name, words;
};

/// Where a key may stand; every dialect's programs send theirs in one of these.
inline constexpr std::array<NamedWords, 5> key_places = {
    {{"Authorization", "`Bearer KEY`"},
     {"x-api-key", "the key alone"},
     {"x-goog-api-key", "the key alone"},
     {"api-key", "the key alone"},
     {"?key=", "in the query, where a program knows no other way"}}};

/// Head fields of ours in answers.
inline constexpr std::array<NamedWords, 9> answer_fields = {
    {{"x-request-id", "the trace's id; `routerone traces show ID` tells what happened"},
     {"x-routerone-provider", "who served"},
     {"x-routerone-model", "the model that served, where `auto` chose"},
     {"x-routerone-route", "`primary`, `fallback` or `auto`"},
     {"x-routerone-overhead-us", "what the gateway took, in microseconds"},
     {"x-routerone-cost-usd", "what a whole answer of up to 1 MiB cost"},
     {"x-routerone-dropped", "what the target could not be told"},
     {"x-routerone-clamped", "the output cap that was sent in place of yours, to fit a limit"},
     {"x-routerone-upstream-request-id", "the provider's own id"}}};

/// Head fields of ours in requests.
inline constexpr std::array<NamedWords, 1> request_fields = {
    {{"x-routerone-weights", "`latency=.5,cost=.3,quality=.2`, for this request's route"}}};

struct RefusalWords {
  RefusalKind kind;
  std::string_view when;
  std::string_view then;
};

inline constexpr std::array<RefusalWords, 12> refusals = {
    {{RefusalKind::bad_key, "the key is missing, wrong, expired or revoked", "use another key"},
     {RefusalKind::limit_reached, "a spend limit or the wallet is used up",
      "stop; a person must raise it (`routerone budgets show`)"},
     {RefusalKind::rate_limited, "too many requests, tokens or requests at once",
      "wait for `Retry-After`"},
     {RefusalKind::bad_request, "the body cannot be used, or can never fit a limit",
      "mend what the message names"},
     {RefusalKind::unknown_model, "no such model, or not for this key",
      "take one of `/models.md`; the message suggests the nearest"},
     {RefusalKind::unknown_path, "nothing is served at this path", "see the paths above"},
     {RefusalKind::too_large, "the body is too large", "send less"},
     {RefusalKind::unsupported_media, "not JSON, or compressed", "send plain JSON"},
     {RefusalKind::upstream_failed, "every provider of the model failed", "try again later"},
     {RefusalKind::upstream_rate_limited, "every provider said to slow down",
      "wait for `Retry-After`"},
     {RefusalKind::upstream_credential, "the providers refuse the credentials kept here",
      "a person must renew them (`routerone providers test ID`)"},
     {RefusalKind::shed, "the gateway has no room just now", "wait for `Retry-After`"}}};

}  // namespace routerone
