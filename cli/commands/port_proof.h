#pragma once

#include <string>

#include "common/core/result.h"

namespace routerone::cli {

/// Is whoever listens at `address` (`127.0.0.1:7411`) our own daemon? It must know the answer to
/// the question, which the daemon told us over the control socket, and where the system tells whose
/// its socket is, it must be ours. unauthorized: another's port, to which no key may go.
Status prove_port(const std::string& address, const std::string& question,
                  const std::string& answer);

}  // namespace routerone::cli
