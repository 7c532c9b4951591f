#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.h"
#include "common/core/random.h"

namespace routerone::auth {

/// Shows our own command line that the data port is this daemon's, before it gives a key to a
/// program that will use that port: over the control socket, which is only its owner's, it is told
/// a question and the answer; whoever can answer that question at the port is in league with the
/// control socket. Not proof against one who passes the question on to the real port elsewhere:
/// whose listener it is, the command line looks up by itself where the system tells. Any thread.
class Proofs {
 public:
  Proofs(Random& random, const Clock& clock) : random_(random), clock_(clock) {}

  struct Armed {
    std::string question, answer;  ///< Both random; neither tells of the other.
  };
  /// A question that may be asked once, in the next ten seconds.
  Armed arm();
  /// nullopt: nobody armed it, it was asked already, or it is too old.
  std::optional<std::string> redeem(std::string_view question);

 private:
  struct Waiting {
    std::string answer;
    SteadyTime until;
  };
  std::string draw();

  Random& random_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Waiting, std::less<>> waiting_;
};

}  // namespace routerone::auth
