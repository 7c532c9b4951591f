#include "daemon/dialect/header_names.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

constexpr std::array<std::string_view, 7> any_request = {
    "accept",       "content-type", "user-agent", "x-stainless-", "x-client-request-id",
    "http-referer", "x-title"};

constexpr std::array<std::string_view, 8> any_response = {
    "content-type",   "cache-control", "retry-after", "retry-after-ms",
    "x-should-retry", "x-ratelimit-",  "ratelimit-",  "x-accel-buffering"};

constexpr std::array<std::string_view, 9> openai_request = {
    "openai-",  "originator", "version",      "session-id",        "thread-id",
    "x-codex-", "x-openai-",  "x-session-id", "x-session-affinity"};

constexpr std::array<std::string_view, 2> openai_response = {"openai-", "x-codex-"};

constexpr std::array<std::string_view, 3> openai_kept_back = {"openai-model", "openai-organization",
                                                              "openai-project"};

}  // namespace

bool lists(std::span<const std::string_view> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view listed) {
    return listed.ends_with('-') ? istarts_with(name, listed) : iequals(name, listed);
  });
}

bool forwards_any_request_header(std::string_view name) { return lists(any_request, name); }
bool forwards_any_response_header(std::string_view name) { return lists(any_response, name); }

bool forwards_openai_request_header(std::string_view name) {
  return forwards_any_request_header(name) || lists(openai_request, name);
}

bool forwards_openai_response_header(std::string_view name) {
  return forwards_any_response_header(name) ||
         (lists(openai_response, name) && !lists(openai_kept_back, name));
}

}  // namespace routerone::dialect
