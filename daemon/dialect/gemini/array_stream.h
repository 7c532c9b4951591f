#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::gemini {

/// A stream as one JSON array that grows by an element a chunk: what callers get that do not ask
/// for events. Moves by whole elements; the bracket at its end is its terminal event. Without a
/// finish reason before it the array is closed by an error instead.
class ArrayStream final : public StreamScanner {
 public:
  /// An element that grows longer than this passes unread, but for its end.
  static constexpr std::size_t longest_held = 256 << 10;

  Step feed(std::string_view bytes) override;
  Step end() override;
  void tell_cost(std::function<std::optional<Money>(const Usage&)>) override {}
  const Reading& reading() const override { return reading_; }
  bool finish_seen() const override { return finish_seen_; }
  std::string keepalive() override { return {}; }
  /// An element and the closing bracket; nothing where an element stands half written.
  std::string error_event(const Refusal&) override;

 private:
  enum class At { nothing, element, closed };

  At step(char c);
  void take_element(Step&);
  void give_long(Step&);
  void close(Step&);
  void give_out(Step&);

  std::string held_;   ///< Since what was given out last.
  std::string given_;  ///< What the caller still looks at.
  std::string last_;   ///< The terminal event, likewise.
  std::size_t depth_ = 0;
  bool inside_string_ = false, escaped_ = false;
  bool long_ = false;  ///< The beginning of the element under way has gone out.
  bool any_ = false;   ///< An element has gone out.
  bool done_ = false;
  bool content_ = false;
  bool finish_seen_ = false;
  Reading reading_;
};

}  // namespace routerone::dialect::gemini
