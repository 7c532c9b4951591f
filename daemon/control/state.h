#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/core/result.h"
#include "daemon/control/control_plane.h"
#include "daemon/control/pending.h"

namespace routerone::control {

/// What the user has set, and the credentials that go with it. Threads read frozen snapshots;
/// changes are made one at a time, and either all of a change happens or none of it.
class State {
 public:
  /// Reads control file, pepper and secrets, and publishes the first snapshot. A provider whose
  /// secret cannot be read is there without one: the others must work. `services` outlives it.
  static Result<std::unique_ptr<State>> open(const Services& services);

  std::shared_ptr<const Snapshot> snapshot() const;
  routing::Credentials credentials() const;  ///< Of the providers that were added.
  Secret pepper() const;                     ///< What keys are hashed with.
  /// The one in force. Those before it stay as long as this does: requests under way read them, and
  /// an update is a rare act of a person.
  const catalog::Catalog& catalog() const;
  /// Why the stored update is not in force; empty: it is, or there is none.
  const std::string& catalog_trouble() const { return catalog_trouble_; }

  struct Draft {
    ControlData data;
    routing::Credentials credentials;
    std::shared_ptr<const Secret> pepper;
  };
  /// A copy of what there is, for trying a change out.
  Draft draft() const;
  /// Lets `edit` change a copy, writes secrets and control file, publishes, then keeps it. If any
  /// step fails, files, snapshot and state are as before. Returns once every loop has the change.
  Status change(const std::function<Status(Draft&)>& edit);

  /// Puts an update over the built-in catalog, or takes it away (nullopt). The same promise.
  Status update_catalog(const std::optional<std::string>& update_json);

 private:
  explicit State(const Services& services);
  void load_secret(const std::string& name);
  void open_catalog();
  std::filesystem::path catalog_file() const;
  Status store_update(const std::optional<std::string>& update_json) const;
  std::shared_ptr<const Snapshot> freeze(const Draft&, const catalog::Catalog&) const;
  void put_in_force(const std::shared_ptr<const Snapshot>&) const;
  Status save(const Draft&) const;
  Status save_files(const Draft&) const;
  Status save_secrets(const routing::Credentials& before, const routing::Credentials& after) const;
  void drop_secrets(const routing::Credentials& gone_from,
                    const routing::Credentials& still_in) const;

  const Services& services_;
  const PendingChange pending_;
  const catalog::Catalog built_in_ = catalog::Catalog::built_in();
  std::mutex changing_;          // held through a whole change
  std::string catalog_trouble_;  // of the start; never changes
  mutable std::mutex mutex_;     // guards those below; held for moments
  std::vector<std::unique_ptr<const catalog::Catalog>> updates_;  // all there were
  const catalog::Catalog* catalog_ = &built_in_;                  // in force
  Draft current_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace routerone::control
