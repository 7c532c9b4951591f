#include "daemon/upstream/upstream.h"

namespace routerone::upstream {

std::string_view to_string(FaultKind kind) {
  switch (kind) {
    case FaultKind::dns:
      return "dns";
    case FaultKind::connect_refused:
      return "connect_refused";
    case FaultKind::connect_timeout:
      return "connect_timeout";
    case FaultKind::proxy:
      return "proxy";
    case FaultKind::tls_certificate:
      return "tls_certificate";
    case FaultKind::tls_handshake:
      return "tls_handshake";
    case FaultKind::closed_before_head:
      return "closed_before_head";
    case FaultKind::bad_head:
      return "bad_head";
    case FaultKind::redirect:
      return "redirect";
    case FaultKind::encoded:
      return "encoded";
    case FaultKind::bad_framing:
      return "bad_framing";
    case FaultKind::closed_in_body:
      return "closed_in_body";
    case FaultKind::send_timeout:
      return "send_timeout";
    case FaultKind::first_byte_timeout:
      return "first_byte_timeout";
    case FaultKind::idle_timeout:
      return "idle_timeout";
    case FaultKind::total_timeout:
      return "total_timeout";
    case FaultKind::cancelled:
      return "cancelled";
  }
  return "unknown";
}

}  // namespace routerone::upstream
