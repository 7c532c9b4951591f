#include "daemon/dialect/failure.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"
#include "daemon/dialect/dom.h"

namespace routerone::dialect {
namespace {

using Element = simdjson::dom::element;

struct Word {
  std::string_view word;
  FailureClass means;
};

/// Types and codes of errors, from the providers' own documentation and recorded traffic. The more
/// telling of an error's two words is looked up first: its code, then its type.
constexpr std::array words = {
    // The account behind our credential: another provider may well serve.
    Word{"insufficient_quota", FailureClass::credential_refused},
    Word{"exceeded_current_quota_error", FailureClass::credential_refused},
    Word{"usage_not_included", FailureClass::credential_refused},
    Word{"usage_limit_reached", FailureClass::credential_refused},
    Word{"insufficient_balance", FailureClass::credential_refused},
    Word{"insufficient_credits", FailureClass::credential_refused},
    Word{"billing_error", FailureClass::credential_refused},
    Word{"billing_hard_limit_reached", FailureClass::credential_refused},
    Word{"billing_not_active", FailureClass::credential_refused},
    Word{"account_deactivated", FailureClass::credential_refused},
    Word{"access_terminated", FailureClass::credential_refused},
    Word{"invalid_api_key", FailureClass::credential_refused},
    Word{"incorrect_api_key", FailureClass::credential_refused},
    Word{"authentication_error", FailureClass::credential_refused},
    Word{"invalid_authentication_error", FailureClass::credential_refused},
    Word{"permission_error", FailureClass::credential_refused},
    Word{"permission_denied", FailureClass::credential_refused},
    Word{"unauthenticated", FailureClass::credential_refused},
    Word{"rate_limit_exceeded", FailureClass::rate_limited},
    Word{"rate_limit_error", FailureClass::rate_limited},
    Word{"rate_limit_reached_error", FailureClass::rate_limited},
    Word{"rate_limited", FailureClass::rate_limited},
    Word{"too_many_requests", FailureClass::rate_limited},
    Word{"resource_exhausted", FailureClass::rate_limited},
    Word{"overloaded", FailureClass::overloaded},
    Word{"overloaded_error", FailureClass::overloaded},
    Word{"engine_overloaded", FailureClass::overloaded},
    Word{"engine_overloaded_error", FailureClass::overloaded},
    Word{"server_is_overloaded", FailureClass::overloaded},
    Word{"slow_down", FailureClass::overloaded},
    Word{"service_unavailable", FailureClass::overloaded},
    Word{"unavailable", FailureClass::overloaded},
    Word{"server_error", FailureClass::server_error},
    Word{"api_error", FailureClass::server_error},
    Word{"internal", FailureClass::server_error},
    Word{"internal_error", FailureClass::server_error},
    Word{"internal_server_error", FailureClass::server_error},
    Word{"upstream_error", FailureClass::server_error},
    Word{"timeout_error", FailureClass::server_error},
    Word{"vector_store_timeout", FailureClass::server_error},
    Word{"model_not_found", FailureClass::model_missing},
    Word{"deploymentnotfound", FailureClass::model_missing},
    Word{"context_length_exceeded", FailureClass::caller_fault},
    Word{"invalid_prompt", FailureClass::caller_fault},
    Word{"invalid_request_error", FailureClass::caller_fault},
    Word{"invalid_argument", FailureClass::caller_fault},
    Word{"request_too_large", FailureClass::caller_fault},
    Word{"content_filter", FailureClass::caller_fault},
    Word{"content_policy_violation", FailureClass::caller_fault},
    Word{"tool_use_failed", FailureClass::caller_fault},
    Word{"bio_policy", FailureClass::caller_fault},
    Word{"cyber_policy", FailureClass::caller_fault},
};

std::optional<FailureClass> look_up(std::string_view said) {
  for (const Word& known : words) {
    if (iequals(known.word, said)) return known.means;
  }
  return std::nullopt;
}

std::optional<FailureClass> look_up(const ErrorWords& error) {
  const auto by_code = look_up(error.code);
  return by_code ? by_code : look_up(error.type);
}

bool mentions(std::string_view text, std::string_view lower_case) {
  return std::search(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                     [](char a, char b) { return lower(a) == b; }) != text.end();
}

/// Some refuse our credential with a 400 whose code says nothing.
bool blames_credential(const ErrorWords& error) {
  return mentions(error.message, "incorrect api key") ||
         mentions(error.message, "api key not valid") ||
         mentions(error.message, "credit balance is too low");
}

int number_member(Element value, std::string_view name) {
  const auto number = count_member(value, name);
  return number && *number >= 100 && *number <= 599 ? static_cast<int>(*number) : 0;
}

ErrorWords words_of(Element error) {
  ErrorWords out;
  out.type = text_member(error, "type");
  out.code = text_member(error, "code");
  if (out.code.empty()) out.code = text_member(error, "status");
  out.message = text_member(error, "message");
  for (const std::string_view name : {"code", "status", "status_code"}) {
    if (out.status == 0) out.status = number_member(error, name);
  }
  return out;
}

FailureClass failure_of_4xx(int status, const ErrorWords& error) {
  const auto said = look_up(error);
  switch (status) {
    case 401:
    case 402:
      return FailureClass::credential_refused;
    case 403:
      // A moderated prompt is refused with 403 too, and would be everywhere.
      return said == FailureClass::caller_fault && error.type != "invalid_request_error"
                 ? FailureClass::caller_fault
                 : FailureClass::credential_refused;
    case 404:
      return said == FailureClass::model_missing || mentions(error.message, "model")
                 ? FailureClass::model_missing
                 : FailureClass::caller_fault;
    case 408:
      return FailureClass::request_timeout;
    case 429:
      if (said == FailureClass::credential_refused || said == FailureClass::overloaded) {
        return *said;
      }
      return FailureClass::rate_limited;
    default:
      break;
  }
  const bool ours = said == FailureClass::credential_refused || blames_credential(error);
  if (ours) return FailureClass::credential_refused;
  return iequals(error.code, "model_not_found") ? FailureClass::model_missing
                                                : FailureClass::caller_fault;
}

}  // namespace

std::optional<ErrorWords> read_error(Element document) {
  simdjson::dom::array around;
  Element first;
  if (document.get_array().get(around) == simdjson::SUCCESS) {
    if (around.at(0).get(first) != simdjson::SUCCESS || !first.is_object()) return std::nullopt;
    return read_error(first);
  }
  if (const auto error = member(document, "error")) {
    ErrorWords out;
    if (error->is_object()) {
      out = words_of(*error);
    } else {
      out = words_of(document);
      std::string_view text;
      if (error->get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
      out.message = text;
    }
    return out;
  }
  const bool is_error =
      text_member(document, "object") == "error" || text_member(document, "type") == "error";
  if (is_error) return words_of(document);
  if (const auto detail = member(document, "detail")) {
    ErrorWords out;
    if (detail->is_string()) out.message = text_member(document, "detail");
    return out;
  }
  return std::nullopt;
}

FailureClass failure_of(const ErrorWords& error) {
  if (const auto said = look_up(error)) {
    return *said == FailureClass::caller_fault && blames_credential(error)
               ? FailureClass::credential_refused
               : *said;
  }
  if (error.status >= 400) return failure_of(error.status, error);
  return FailureClass::bad_answer;
}

FailureClass failure_of(int status, const ErrorWords& error) {
  if (status >= 400 && status < 500) return failure_of_4xx(status, error);
  if (status == 529) return FailureClass::overloaded;
  if (status == 503 &&
      (look_up(error) == FailureClass::overloaded || mentions(error.message, "overloaded"))) {
    return FailureClass::overloaded;
  }
  if (status >= 500) return FailureClass::server_error;
  return FailureClass::bad_answer;  // Redirects are never followed.
}

FailureClass failure_of(int status, std::string_view body) {
  const Dom document(body);
  const auto error = document.ok() ? read_error(document.root()) : std::nullopt;
  return failure_of(status, error.value_or(ErrorWords{}));
}

}  // namespace routerone::dialect
