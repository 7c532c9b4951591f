#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// A field that a translated request may go without: it leans how an answer is made, or says whose
/// it is, but what the caller gets is an answer to the same question. Writers leave the same ones
/// out for targets that are known not to take them.
struct Hint {
  std::string_view name;  ///< As it is listed among what was dropped.
  /// How the dialects call it, in small letters without `_`.
  std::array<std::string_view, 5> spelled;
  bool everyday = false;  ///< A word of sentences, too: no field unless it is marked as one.
  bool (*said)(const chat::Request&);
  void (*drop)(chat::Request&);
};

/// The hints that a provider's error (400 or 422) names as what it does not take; empty: it is
/// about something else, or about more than hints. The words are only looked at, never kept.
std::vector<const Hint*> refused_hints(std::string_view error_body);

}  // namespace routerone::dialect
