#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// Finds the first stop sequence in a text that comes in pieces: the one that is whole first, and
/// of several that end at the same place the one that began first. Holds back only what may still
/// become one.
class StopFinder {
 public:
  /// Empty sequences are none. `stops` outlives it.
  explicit StopFinder(const std::vector<std::string>& stops) : stops_(&stops) {}

  /// What may be shown. Nothing after a stop was found.
  std::string feed(std::string_view piece);
  /// What was held back, when no more will come.
  std::string finish();
  /// The sequence that was found; null: none yet.
  const std::string* found() const { return found_; }

 private:
  std::size_t longest_start() const;

  const std::vector<std::string>* stops_;
  const std::string* found_ = nullptr;
  std::string held_;
};

/// Ends an answer's text before the first stop sequence, for targets whose dialect knows none: the
/// caller gets no more than it asked for. Only the text of an answer counts, not its thinking or
/// its calls, and no sequence reaches over two parts. What comes behind is swallowed; the answer
/// still ends where the target ends it, with the usage that it reports.
class StopCutter {
 public:
  /// `stops` outlives it.
  explicit StopCutter(const std::vector<std::string>& stops) : stops_(stops) {}

  /// Adds what is to be shown of an event to `out`.
  void take(chat::Event, std::vector<chat::Event>& out);
  /// Nothing more of the text will be shown: who wants can stop the target.
  bool cut() const { return found_ != nullptr; }

 private:
  void on(chat::PartBegan, std::vector<chat::Event>& out);
  void on(chat::Delta, std::vector<chat::Event>& out);
  void on(chat::PartEnded, std::vector<chat::Event>& out);
  void on(chat::Ended, std::vector<chat::Event>& out);
  template <class Other>
  void on(Other other, std::vector<chat::Event>& out) {
    out.emplace_back(std::move(other));
  }
  void feed(std::size_t part, StopFinder&, std::string_view text, std::vector<chat::Event>& out);

  const std::vector<std::string>& stops_;
  std::set<std::size_t> open_;               ///< Parts that are shown.
  std::map<std::size_t, StopFinder> texts_;  ///< Those of them that are text.
  const std::string* found_ = nullptr;
};

/// The same for a whole answer.
void cut_at_stop(chat::Answer&, const std::vector<std::string>& stops);

}  // namespace routerone::dialect
