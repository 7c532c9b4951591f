#include "daemon/admission/words.h"

#include <fmt/format.h>

#include "common/core/text.h"

namespace routerone::admission {
namespace {

using std::chrono::seconds;

std::string_view owner(const Scope& scope) {
  switch (scope.level()) {
    case Level::key:
      return "this key";
    case Level::run:
      return "this run, or one around it,";
    case Level::project:
      return "this key's project";
    case Level::wallet:
      break;
  }
  return "the wallet";
}

std::string_view every(const SpendLimit& limit) {
  switch (limit.period) {
    case Period::hour:
      return limit.rolling ? " in any hour" : " an hour";
    case Period::day:
      return limit.rolling ? " in any 24 hours" : " a day";
    case Period::week:
      return limit.rolling ? " in any 7 days" : " a week";
    case Period::month:
      return limit.rolling ? " in any 30 days" : " a month";
    case Period::total:
      break;
  }
  return "";
}

std::string to_the_second(WallTime at) {
  const std::string precise = format_rfc3339(at);
  return precise.substr(0, precise.find('.')) + "Z";
}

/// `the limit of 5.000000 USD a day of key:laptop`
std::string ceiling_words(const Scope& scope, const Scope::Ceiling& ceiling) {
  if (ceiling.prepaid)
    return fmt::format("the wallet's {} USD paid in", format_usd(ceiling.amount));
  return fmt::format("the limit of {} USD{} of {}", format_usd(ceiling.amount),
                     every(*scope.spend_limit()), scope.label());
}

std::string way_out(const Scope& scope, const Scope::Ceiling& ceiling) {
  if (ceiling.prepaid) return "add to it: routerone budgets topup USD";
  return fmt::format("raise it: routerone budgets set {} USD", scope.label());
}

}  // namespace

bool outlasts(const Refusal& refusal, const Refusal& other) {
  if (!other.retry_after) return false;
  return !refusal.retry_after || *refusal.retry_after > *other.retry_after;
}

Refusal rate_refusal(const Scope& scope, const Scope::Block& block, std::int64_t tokens) {
  using Kind = Scope::Block::Kind;
  const std::string_view span = block.window > std::chrono::minutes(1) ? "day" : "minute";
  Refusal refusal{RefusalKind::rate_limited, {}, {}, {}};
  refusal.retry_after = std::max(seconds(1), std::chrono::ceil<seconds>(block.wait));
  switch (block.kind) {
    case Kind::tokens_never:
      refusal = {RefusalKind::bad_request,
                 fmt::format("this request of about {} tokens can never fit the limit of {} tokens "
                             "a minute of {}",
                             tokens, block.limit, owner(scope)),
                 {},
                 {}};
      break;
    case Kind::concurrency:
      refusal.message =
          fmt::format("{} has its {} requests under way at once", owner(scope), block.limit);
      break;
    case Kind::requests:
      refusal.message =
          fmt::format("{} has had its {} requests of a {}", owner(scope), block.limit, span);
      break;
    case Kind::tokens:
      refusal.message = fmt::format("{} has no room for about {} more tokens in its {} a {}",
                                    owner(scope), tokens, block.limit, span);
      break;
  }
  return refusal;
}

Refusal never_fits(const Scope& scope, const Scope::Ceiling& ceiling, Money least) {
  return {RefusalKind::bad_request,
          fmt::format("this request could cost {} USD, which {} can never cover; ask for fewer "
                      "output tokens, or {}",
                      format_usd(least), ceiling_words(scope, ceiling), way_out(scope, ceiling)),
          {},
          {}};
}

Refusal used_up(const Scope& scope, const Scope::Ceiling& ceiling, Money least, Moment now) {
  std::string message =
      fmt::format("{} USD of {} is spent and {} USD reserved; this request could cost {} USD",
                  format_usd(ceiling.spent), ceiling_words(scope, ceiling),
                  format_usd(ceiling.reserved), format_usd(least));
  if (scope.stopped()) message += "; a provider charged more than was reserved";
  const auto resets = ceiling.prepaid ? std::nullopt : scope.resets(now, least);
  if (resets) message += fmt::format("; it resets at {}", to_the_second(*resets));
  message += "; " + way_out(scope, ceiling);
  return {RefusalKind::limit_reached, std::move(message), {}, {}};
}

Refusal held_by_others(const Scope& scope, const Scope::Ceiling& ceiling, Money least) {
  return {RefusalKind::rate_limited,
          fmt::format("requests under way hold {} of the {} USD that {} has left, and this one "
                      "could cost {}; try again in a moment",
                      format_usd(ceiling.reserved), format_usd(ceiling.unspent()), owner(scope),
                      format_usd(least)),
          {},
          seconds(1)};
}

Refusal no_pass() {
  return {RefusalKind::internal, "money was asked for without having entered", {}, {}};
}

std::string warning_words(const Scope& scope, const Scope::Ceiling& ceiling) {
  return fmt::format("{} has spent {} USD of {}", scope.label(), format_usd(ceiling.spent),
                     ceiling_words(scope, ceiling));
}

std::string dry_run_words(const Scope& scope, const Refusal& refusal) {
  return fmt::format("dry run of {}: would have been refused: {}", scope.label(), refusal.message);
}

}  // namespace routerone::admission
