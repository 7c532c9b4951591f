#include "daemon/store/words.h"

namespace routerone::store {
namespace {

template <class List, class ToWord>
List read_word(std::string_view word, List last, ToWord to_word_of) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (to_word_of(static_cast<List>(i)) == word) return static_cast<List>(i);
  return List{};
}

template <class List>
List read_word(std::string_view word, List last) {
  return read_word(word, last, [](List entry) { return to_string(entry); });
}

}  // namespace

std::string_view to_word(UsageSource source) {
  switch (source) {
    case UsageSource::none:
      return "none";
    case UsageSource::upstream:
      return "upstream";
    case UsageSource::estimate:
      return "estimate";
  }
  return "none";
}

std::string_view to_word(PriceSource source) {
  switch (source) {
    case PriceSource::unknown:
      return "unknown";
    case PriceSource::catalog:
      return "catalog";
    case PriceSource::own:
      return "override";
    case PriceSource::upstream:
      return "upstream";
  }
  return "unknown";
}

UsageSource usage_source_of(std::string_view word) {
  return read_word(word, UsageSource::estimate, [](UsageSource s) { return to_word(s); });
}
PriceSource price_source_of(std::string_view word) {
  return read_word(word, PriceSource::upstream, [](PriceSource s) { return to_word(s); });
}
FinalState final_state_of(std::string_view word) {
  return read_word(word, FinalState::interrupted);
}
Route route_of(std::string_view word) { return read_word(word, Route::automatic); }
FailureClass failure_class_of(std::string_view word) {
  return read_word(word, FailureClass::cancelled);
}

}  // namespace routerone::store
