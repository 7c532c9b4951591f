#include "daemon/exchange/refusal.h"

namespace routerone {

std::string_view to_string(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::bad_key:
      return "bad_key";
    case RefusalKind::forbidden:
      return "forbidden";
    case RefusalKind::limit_reached:
      return "limit_reached";
    case RefusalKind::rate_limited:
      return "rate_limited";
    case RefusalKind::bad_request:
      return "bad_request";
    case RefusalKind::unprocessable:
      return "unprocessable";
    case RefusalKind::unknown_model:
      return "unknown_model";
    case RefusalKind::unknown_path:
      return "unknown_path";
    case RefusalKind::method_not_allowed:
      return "method_not_allowed";
    case RefusalKind::too_large:
      return "too_large";
    case RefusalKind::unsupported_media:
      return "unsupported_media";
    case RefusalKind::upgrade_required:
      return "upgrade_required";
    case RefusalKind::expectation_failed:
      return "expectation_failed";
    case RefusalKind::upstream_failed:
      return "upstream_failed";
    case RefusalKind::upstream_rate_limited:
      return "upstream_rate_limited";
    case RefusalKind::upstream_credential:
      return "upstream_credential";
    case RefusalKind::shed:
      return "shed";
    case RefusalKind::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace routerone
