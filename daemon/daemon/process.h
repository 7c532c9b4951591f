#pragma once

namespace routerone {

/// Before any thread: files of ours are nobody else's, a crash leaves no memory behind, a closed
/// socket is an error code, descriptors are as many as allowed, and stop signals wait to be asked
/// for.
void harden_process();

/// Blocks until SIGTERM or SIGINT, or request_stop().
void wait_for_stop();

/// From any thread.
void request_stop();

}  // namespace routerone
