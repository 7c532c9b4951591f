#pragma once

#include "daemon/exchange/attempt.h"
#include "daemon/upstream/upstream.h"

namespace routerone {

/// What a transport fault means to the attempt engine.
inline FailureClass failure_of(upstream::FaultKind kind) {
  using upstream::FaultKind;
  switch (kind) {
    case FaultKind::dns:
    case FaultKind::connect_refused:
    case FaultKind::proxy:
    case FaultKind::tls_certificate:
    case FaultKind::tls_handshake:
      return FailureClass::connect;
    case FaultKind::connect_timeout:
    case FaultKind::send_timeout:
    case FaultKind::first_byte_timeout:
    case FaultKind::idle_timeout:
    case FaultKind::total_timeout:
      return FailureClass::timeout;
    case FaultKind::closed_before_head:
    case FaultKind::closed_in_body:
    case FaultKind::bad_framing:
      return FailureClass::cut;
    case FaultKind::bad_head:
    case FaultKind::redirect:
    case FaultKind::encoded:
      return FailureClass::bad_answer;
    case FaultKind::cancelled:
      return FailureClass::cancelled;
  }
  return FailureClass::cut;
}

}  // namespace routerone
