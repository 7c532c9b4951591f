#include <algorithm>

#include "daemon/admission/amounts.h"
#include "daemon/admission/table.h"
#include "daemon/admission/words.h"

namespace routerone::admission {

tl::expected<Pass, Denial> Admission::Impl::enter(const KeyRecord& key, std::int64_t tokens) {
  tokens = std::clamp<std::int64_t>(tokens, 0, most_tokens);
  Pass pass;
  pass.held_ = std::make_unique<Pass::Held>();
  Warnings spared;
  std::optional<Denial> denial;
  {
    const std::lock_guard lock(mutex);
    const Moment moment = now();
    const Chain chain(lowest_of(key));
    for (Scope* scope : chain) {
      const auto block = scope->blocked(moment, tokens);
      if (!block) continue;
      Refusal refusal = rate_refusal(*scope, *block, tokens);
      if (scope->dry_run())
        spared.push_back(dry_run_words(*scope, refusal));
      else if (!denial || outlasts(refusal, denial->refusal))
        denial = Denial{std::move(refusal), false};
    }
    if (!denial) {
      for (Scope* scope : chain) scope->enter(moment, tokens);
      *pass.held_ = {this, chain, moment.at, tokens, false};
    }
  }
  if (denial) {
    pass.held_.reset();
    return tl::unexpected(*std::move(denial));
  }
  tell(spared);
  return pass;
}

}  // namespace routerone::admission
