#pragma once

#include <cstdint>
#include <functional>
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
#include "common/core/secret.h"
#include "daemon/exchange/control_data.h"
#include "daemon/exchange/decision.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/route_words.h"
#include "daemon/exchange/target.h"
#include "daemon/routing/health.h"

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

/// How a target stood when a request was planned.
struct Standing {
  enum class Kind {
    ready,
    last_resort,  ///< It failed lately: tried after the others.
    cooling,      ///< Said when to come back: not called before.
  };
  Kind kind = Kind::ready;
  FailureClass why = FailureClass::none;
  std::chrono::seconds left{};  ///< Until it is ready again.
};

/// A target that would have been asked first, had it not failed lately.
struct Missed {
  std::string target;  ///< `provider/upstream_model`
  FailureClass why = FailureClass::none;
};

/// Where a request goes, and why.
struct Planned {
  std::vector<Target> targets;      ///< Never empty; those that are cooling stand last.
  std::vector<Standing> standings;  ///< One a target.
  std::vector<HealthView> health;   ///< One a target.
  std::optional<Missed> missed;
  std::optional<Decision> decision;  ///< Also where there was no choice.
  bool automatic = false;            ///< The caller left it to us which model serves.
  bool one_only = false;             ///< The caller wants no other target than the first.
};

/// Every name that a request may use and the targets behind it. Immutable; made anew from each
/// change of the control data. Name rules: cli.md, "Model names in requests".
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
    std::uint32_t dice = 0;           ///< Random bits for what is drawn.
    const Limits* project = nullptr;  ///< Of the key's project; narrow it further.
    std::optional<WallTime> now;      ///< For the expiry of both; absent: not looked at.
    std::span<const std::string_view> others = {};  ///< ... then those that speak one of these.
    std::span<const Limits* const> outer = {};      ///< Of the runs around the key; narrow it too.
    bool must_be_priced = false;        ///< A spend limit holds: only targets of a known price.
    const RouteWords* words = nullptr;  ///< The request's own; null: none.
    RequestNeeds needs = {};
    std::int64_t input_tokens = 0;  ///< Estimate.
    std::optional<std::int64_t> output_cap = {};
    RouteWeights weights = {};
    const Health* health = nullptr;  ///< Null: nothing is known of any target.
    SteadyTime steady = {};          ///< Now, as the health counts time.
    /// `health_name` of who served the session before, or nothing; asked if there is a choice.
    std::function<std::string()> keeper = {};
  };

  /// Pure but for the health it looks at: same table, wish and health, same plan. Targets of the
  /// model that is asked for come first, then those of the request's own list or of its fallback
  /// chain; the user's priorities next; who takes the caller's bytes as they are before who needs
  /// a translation; then by score (`decide`). Whoever may not serve is left out, fallbacks too; if
  /// nobody is left, the refusal names the requirements. A model that is named and that only its
  /// catalog's row speaks against is asked all the same: its provider knows better.
  tl::expected<Planned, Refusal> plan(const Wish&) const;

  /// Does the name leave it to us which model serves?
  bool is_choice(std::string_view model) const;

  struct Listed {
    std::string id;
    std::string name;
    std::string lab;
    std::int64_t released = 0;  ///< Unix seconds, 0 unknown.
    std::vector<std::string> providers;
  };
  /// What a key may use with the providers there are, sorted by id, aliases and lists of candidates
  /// included.
  std::vector<Listed> list(const KeyRecord* key, const Limits* project = nullptr,
                           std::span<const Limits* const> outer = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::routing
