#include "daemon/exchange/trace_row.h"

namespace routerone {

std::string_view to_string(FinalState state) {
  switch (state) {
    case FinalState::completed:
      return "completed";
    case FinalState::completed_unmarked:
      return "completed_unmarked";
    case FinalState::client_gone:
      return "client_gone";
    case FinalState::upstream_failed:
      return "upstream_failed";
    case FinalState::refused:
      return "refused";
    case FinalState::shed:
      return "shed";
    case FinalState::interrupted:
      return "interrupted";
  }
  return "interrupted";
}

std::string_view to_string(Route route) {
  switch (route) {
    case Route::primary:
      return "primary";
    case Route::fallback:
      return "fallback";
    case Route::automatic:
      return "auto";
  }
  return "primary";
}

}  // namespace routerone
