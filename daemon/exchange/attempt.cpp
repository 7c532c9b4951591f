#include "daemon/exchange/attempt.h"

namespace routerone {

std::string_view to_string(FailureClass failure) {
  switch (failure) {
    case FailureClass::none:
      return "none";
    case FailureClass::connect:
      return "connect";
    case FailureClass::timeout:
      return "timeout";
    case FailureClass::cut:
      return "cut";
    case FailureClass::bad_answer:
      return "bad_answer";
    case FailureClass::server_error:
      return "server_error";
    case FailureClass::overloaded:
      return "overloaded";
    case FailureClass::rate_limited:
      return "rate_limited";
    case FailureClass::request_timeout:
      return "request_timeout";
    case FailureClass::credential_refused:
      return "credential_refused";
    case FailureClass::model_missing:
      return "model_missing";
    case FailureClass::caller_fault:
      return "caller_fault";
    case FailureClass::cancelled:
      return "cancelled";
  }
  return "none";
}

bool may_fail_over(FailureClass failure) {
  switch (failure) {
    case FailureClass::none:
    case FailureClass::caller_fault:  // Another target would say the same.
    case FailureClass::cancelled:     // Nobody is left to answer.
      return false;
    case FailureClass::connect:
    case FailureClass::timeout:
    case FailureClass::cut:
    case FailureClass::bad_answer:
    case FailureClass::server_error:
    case FailureClass::overloaded:
    case FailureClass::rate_limited:
    case FailureClass::request_timeout:
    case FailureClass::credential_refused:
    case FailureClass::model_missing:
      return true;
  }
  return false;
}

}  // namespace routerone
