#pragma once

#include <filesystem>

#include "common/core/result.h"
#include "daemon/routing/model_table.h"
#include "daemon/store/control_store.h"

namespace routerone::control {

/// A change of several files that only make sense together, noted whole (0600) before the first of
/// them is written: a new pepper under the old keys' HMACs would lock every caller out. Should we
/// die on the way, the next start finishes it.
class PendingChange {
 public:
  explicit PendingChange(std::filesystem::path file) : file_(std::move(file)) {}

  Status note(const ControlData&, const routing::Credentials&, const Secret& pepper) const;
  /// At the start, before anything is read. Nothing noted: nothing happens.
  Status finish(const store::ControlStore&) const;
  Status drop() const;  ///< It is done, or taken back.

 private:
  std::filesystem::path file_;
};

}  // namespace routerone::control
