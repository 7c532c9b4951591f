#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// An id of a call as every dialect takes it: unchanged if it is 1 to 64 of `A-Za-z0-9_-`, else
/// `call_` and a digest. A pure function, so that calls and results agree without a table.
std::string portable_call_id(std::string_view id);

/// How many of the turns are the instructions: the leading system turns.
std::size_t leading_system(const std::vector<chat::Turn>& turns);

struct HistoryRule {
  /// Later system turns become text of the user's, in `<system-reminder>`: for targets that take
  /// instructions only at the top. Their order stays.
  bool fold_system = false;
  /// Consecutive user turns become one.
  bool merge_users = true;
  /// The dialect that is written. An assistant's turn without anything that it could be told again
  /// (text that is not blank, media, calls, its own thinking) is gone. Empty: such turns stay.
  std::string_view own = {};
};

/// A conversation as every dialect takes it. Writers call this first and then only walk.
/// - Text without text is gone; a turn that thereby became empty stays (the writer knows whether
///   its dialect takes one).
/// - A signature that travelled in thinking (signature_holder) is in the turn's call again.
/// - Consecutive assistant turns are one.
/// - Ids of calls are portable and unique; a call without one gets `call_<turn>_<n>`, and results
///   without one belong to the calls of their name in order.
/// - The results of a turn's calls stand right behind it, at the head of a user turn, in the order
///   of the calls, each with the call's id, name, namespace and kind. Of several for one call the
///   last counts. They are looked for up to the next assistant turn.
/// - A call that got no result, unless nothing follows it, has one that says so (is_error).
/// - A result of no such call becomes text of the user's where it stands.
std::vector<chat::Turn> settle_history(std::vector<chat::Turn> turns, HistoryRule);

/// The texts of a part list, joined.
std::string joined_text(const std::vector<chat::Part>& parts, std::string_view between = "\n\n");

}  // namespace routerone::dialect
