#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "common/catalog/catalog.h"
#include "common/core/clock.h"
#include "common/core/random.h"
#include "common/core/secret.h"
#include "daemon/exchange/control_data.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone::routing {

/// Provider credentials by provider id, as the control plane holds them.
using Credentials = std::map<std::string, std::shared_ptr<const Secret>, std::less<>>;

/// A provider that is shipped, not added: the sandbox and its models.
struct BuiltIn {
  ProviderRecord record;
  std::vector<std::string> models;  ///< Upstream ids; canonical `sandbox/echo`.
  std::string price_json;           ///< The same for all; the sandbox posts one so costs show.
  std::shared_ptr<const Secret> credential;  ///< Null where auth is none.
};

/// Every name a request may use and the targets behind it. Immutable; made anew from each change of
/// the control data. Name rules: cli.md, "Model names in requests".
class ModelTable {
 public:
  ModelTable(const ControlData&, const catalog::Catalog&, const Credentials&,
             const std::vector<BuiltIn>&);
  ~ModelTable();
  ModelTable(const ModelTable&) = delete;
  ModelTable& operator=(const ModelTable&) = delete;

  struct Wish {
    std::string_view model;           ///< As asked for.
    std::string_view dialect;         ///< The caller's: targets that speak it come first ...
    const KeyRecord* key = nullptr;   ///< Its globs and provider list narrow the plan.
    std::uint32_t dice = 0;           ///< Random bits for the weighted order.
    const Limits* project = nullptr;  ///< Of the key's project; narrow it further.
    std::optional<WallTime> now;      ///< For the expiry of both; absent: not looked at.
    std::span<const std::string_view> others = {};  ///< ... then those that speak one of these.
    std::span<const Limits* const> outer = {};      ///< Of the runs around the key; narrow it too.
  };

  /// Pure: same table and wish, same plan. Ordered by priority, then by weighted draw; targets of
  /// explicit fallback chains after the model's own. Cooling targets are the relay's business. The
  /// data policies of key and project leave out every target that does not keep them, fallbacks
  /// too; if none is left, the refusal names the requirement.
  tl::expected<RoutePlan, Refusal> plan(const Wish&) const;

  struct Listed {
    std::string id;
    std::string name;
    std::string lab;
    std::int64_t released = 0;  ///< Unix seconds, 0 unknown.
    std::vector<std::string> providers;
  };
  /// What a key may use with the providers there are, sorted by id, aliases included.
  std::vector<Listed> list(const KeyRecord* key, const Limits* project = nullptr,
                           std::span<const Limits* const> outer = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::routing
