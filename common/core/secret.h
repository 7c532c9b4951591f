#pragma once

#include <string>
#include <string_view>

namespace routerone {

/// Bytes that must not be shown. Cannot be formatted, compared by == or streamed; wiped when it
/// goes. `reveal()` is the one way out, and is called only where the bytes go on a wire to their
/// owner or into their own 0600 file.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { wipe(); }

  std::string_view reveal() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  void wipe() noexcept;
  std::string bytes_;
};

}  // namespace routerone
