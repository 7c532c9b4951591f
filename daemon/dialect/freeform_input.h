#pragma once

#include <cstddef>
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
  /// What is left when no more will come.
  std::string finish();
  /// Bytes that came and are not given out.
  std::size_t held() const { return json_.size(); }

 private:
  enum class At { before, inside, behind, other };
  void look_for_start();
  std::string decode();

  At at_ = At::before;
  std::string json_;  ///< What came and is not decoded yet.
};

}  // namespace routerone::dialect
