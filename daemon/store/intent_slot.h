#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/exchange/ledger.h"

namespace routerone::store {

/// What is known of a request's money.
struct IntentAccount {
  enum class Kind : std::uint32_t { unlimited, reserved, settled, settled_unknown };
  std::int64_t reserved = 0;
  std::int64_t cost = 0;    ///< If settled.
  std::uint64_t floor = 0;  ///< If settled: the number of the spend floor that stood then.
  std::uint32_t generation = 0;
  Kind kind = Kind::unlimited;
  std::uint64_t check = 0;
};

/// One place of the intent journal, as its bytes stand in the file. A kill may come between any two
/// stores of it: `state` is set last and cleared first, of the account there are two of which the
/// newer whole one counts, and a target torn while it was rewritten is left out.
struct IntentPlace {
  static constexpr std::uint32_t live = 0x3149'5872;  ///< Also says the layout: change both.

  std::uint32_t state = 0;  ///< 0: free.
  std::uint32_t unused = 0;
  std::uint64_t request_check = 0;
  std::uint64_t target_check = 0;
  std::array<IntentAccount, 2> accounts;
  std::array<char, 640> request{};
  std::array<char, 480> target{};
  std::array<char, 56> unused_end{};
};
static_assert(sizeof(IntentPlace) == 1280);

/// Into a free place; it is live afterwards. Texts beyond what a trace row may hold are cut.
void write_intent(IntentPlace&, const Intent&);
void write_target(IntentPlace&, const Intent&, std::string_view upstream_request_id);
void write_reserved(IntentPlace&, Money reserved);
/// The request ended, and what it cost waits in memory for its row. nullopt: unknown.
void write_settled(IntentPlace&, std::optional<Money> cost, std::uint64_t floor);
void clear_intent(IntentPlace&);

struct ReadIntent {
  Intent intent;
  std::string upstream_request_id;
  IntentAccount account;  ///< `unlimited` if neither was whole.
};
/// nullopt: the request's part is not whole, or the place is not one of ours.
std::optional<ReadIntent> read_intent(const IntentPlace&);

}  // namespace routerone::store
