#pragma once

#include <cstddef>
#include <string>

namespace routerone::upstream {

/// What TLS to a provider would be verified with.
struct Certificates {
  std::string file;       ///< As it was looked for; of the system's bundle, where it was found.
  std::size_t count = 0;  ///< Trusted ones in it.
  std::string trouble;    ///< Why nothing can be verified with it; empty: all is well.
};

/// Loads a bundle as a request would; empty: the system's. Reads files and takes tens of
/// milliseconds: not on a loop.
Certificates look_at_certificates(const std::string& ca_file);

}  // namespace routerone::upstream
