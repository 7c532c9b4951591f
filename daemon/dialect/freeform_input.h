#pragma once

#include <string>
#include <string_view>

namespace routerone::dialect {

/// Takes the text out of the arguments of a wrapped freeform tool, `{"input":"..."}`, while they
/// come in: never half an escape, never half a character. Arguments of another shape give nothing
/// until finish(), and then what unwrap_freeform makes of them.
class FreeformInput {
 public:
  /// What has become readable, as UTF-8; may be empty.
  std::string feed(std::string_view piece);
  /// What is left when no more will come. feed() and finish() together are whole().
  std::string finish();
  const std::string& whole() const { return whole_; }

 private:
  enum class At { before, inside, behind, other };
  void look_for_start();
  std::string decode();

  At at_ = At::before;
  std::string json_;  ///< What came and is not decoded yet.
  std::string whole_;
};

}  // namespace routerone::dialect
