#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/admission/admission.h"
#include "daemon/admission/scope.h"

namespace routerone::admission {

/// Told outside the lock.
using Warnings = std::vector<std::string>;

/// All scopes a request counts in, from its key up: the key, the runs around it, the project, the
/// wallet. They outlive it: a scope goes only when nothing is under way in it.
class Chain {
 public:
  static constexpr std::size_t most = most_runs_deep + 2;

  Chain() = default;
  explicit Chain(Scope& lowest) {
    for (Scope* at = &lowest; at != nullptr && count_ < most; at = at->above()) all_[count_++] = at;
  }
  Scope* const* begin() const { return all_.data(); }
  Scope* const* end() const { return all_.data() + count_; }

 private:
  std::array<Scope*, most> all_{};
  std::size_t count_ = 0;
};

/// What a pass holds, beside money.
struct Pass::Held {
  Admission::Impl* table = nullptr;
  Chain chain;
  WallTime entered;
  std::int64_t tokens = 0;  ///< As guessed.
  bool has_bill = false;    ///< Money was asked for: what it costs can be more than that.
};

/// The scopes and the one mutex over them. Methods take the lock themselves.
struct Admission::Impl {
  Impl(const Clock&, std::function<void(const std::string&)> on_warning);

  void configure(const ControlData&);
  void restore(const std::vector<SpendMinute>&, const std::map<std::string, Money>&);
  void correct(const std::string& scope, WallTime when, Money by);

  tl::expected<Pass, Denial> enter(const KeyRecord&, std::int64_t tokens);
  tl::expected<Grant, Denial> reserve(Pass&, const Bill&);
  bool cover(Pass::Held&, Money& reserved, Money wanted);
  void leave(const Pass::Held&, Money reserved);
  bool settle(const Pass::Held&, Money reserved, Money cost, std::int64_t tokens);

  const Clock& clock;
  const std::function<void(const std::string&)> on_warning;
  const WallTime wall_at_start;
  const SteadyTime continuous_at_start;

  mutable std::mutex mutex;
  // All below: under the mutex.
  std::unordered_map<std::string, std::unique_ptr<Scope>> keys;  ///< By id.
  std::map<std::string, std::unique_ptr<Scope>> projects;
  Scope wallet{Level::wallet, wallet_scope, wallet_scope};

  Moment now() const;
  /// The lowest scope of a key's requests. That of a key that is not known yet is made by what its
  /// record says.
  Scope& lowest_of(const KeyRecord&);
  Scope* find(const std::string& scope);         ///< Null: there is none.
  Scope* find_or_add(const std::string& scope);  ///< Null: no scope is called so.
  void tell(const Warnings&) const;

 private:
  using Zones = std::map<std::string, Zone>;
  Zones zones_of(const ControlData&) const;
  void configure_keys(const ControlData&, const Zones&, Moment);
  void configure_projects(const ControlData&, const Zones&, Moment);
  void configure_wallet(const WalletRecord&, const Zones&, Moment);
  Scope& project_of(const std::string& name);
  Scope& key_of(const std::string& id);
  Scope& key_in(const std::string& id, const std::string& project);
};

}  // namespace routerone::admission
