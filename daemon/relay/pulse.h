#pragma once

#include "daemon/dialect/dialect.h"
#include "daemon/net/deadlines.h"
#include "daemon/relay/journey.h"

namespace routerone {

/// Keeps a streamed request alive for its caller while nothing comes from upstream: lets the head
/// go after `head_deadline` even unjudged, and sends what the dialect counts as life after each
/// `keepalive_after` of silence, between events only. Never touches the upstream's timers.
class Pulse {
 public:
  explicit Pulse(Journey&);

  /// The stream whose keep-alive form and event boundaries count now.
  void follow(dialect::StreamScanner* scanner) { scanner_ = scanner; }
  /// Something went to the caller, or came from upstream: the silence begins anew.
  void beat();
  void stop() { deadline_.clear(); }

 private:
  void on_silence();
  void send_early_head();

  Journey& journey_;
  dialect::StreamScanner* scanner_ = nullptr;
  SteadyTime head_due_;
  net::Deadline deadline_;
};

}  // namespace routerone
