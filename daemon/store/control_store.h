#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "common/core/random.h"
#include "common/core/result.h"
#include "common/core/secret.h"
#include "daemon/exchange/control_data.h"

namespace routerone::store {

/// control.json, the pepper and the providers' secret files. No thread of its own; the control
/// plane calls it one change at a time.
class ControlStore {
 public:
  ControlStore(std::filesystem::path control_file, std::filesystem::path pepper_file,
               std::filesystem::path secrets_dir);

  /// Empty data with the `default` project if there is no file yet. A file that does not parse or
  /// has a newer version is an error that names it: it is never overwritten.
  Result<ControlData> load() const;
  Status save(const ControlData&) const;  ///< Atomic, fsynced, 0600.

  Result<Secret> pepper(Random&) const;  ///< Made on first use, 0600.
  Status save_pepper(const Secret&) const;

  /// Of a credential: a provider's id, or that and another name behind `#` or `@`.
  Result<Secret> load_secret(const std::string& name) const;
  Status save_secret(const std::string& name, const Secret&) const;
  Status remove_secret(const std::string& name) const;

 private:
  std::filesystem::path control_file_, pepper_file_, secrets_dir_;
};

}  // namespace routerone::store
