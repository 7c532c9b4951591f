#pragma once

#include <signal.h>

#include <initializer_list>
#include <optional>
#include <vector>

#include "common/platform/descriptor.h"

namespace routerone::cli {

/// Signals as something that can be waited for beside the keyboard, as long as this lives; after it
/// they mean what they meant before. What is ignored stays so. Only one lives at a time: signals
/// belong to the process.
class SignalPipe {
 public:
  explicit SignalPipe(std::initializer_list<int> signals);
  ~SignalPipe();
  SignalPipe(const SignalPipe&) = delete;
  SignalPipe& operator=(const SignalPipe&) = delete;

  int descriptor() const { return read_.get(); }
  /// One that came; never waits.
  std::optional<int> next();
  /// Lets this one do now what it would have done without us, and hears it again if we live on.
  void act_on(int signal);

 private:
  struct Heard {
    int signal;
    struct sigaction before;
  };
  void hear(int signal);

  Descriptor read_, write_;
  std::vector<Heard> heard_;
};

}  // namespace routerone::cli
