#include "daemon/auth/proofs.h"

#include <array>

#include "common/core/text.h"

namespace routerone::auth {
namespace {

constexpr Millis lifetime{10'000};

}  // namespace

std::string Proofs::draw() {
  std::array<std::uint8_t, 16> bytes;
  random_.fill(bytes);
  return to_hex(bytes);
}

Proofs::Armed Proofs::arm() {
  Armed armed{draw(), draw()};
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  std::erase_if(waiting_, [now](const auto& entry) { return entry.second.until <= now; });
  waiting_[armed.question] = {armed.answer, now + lifetime};
  return armed;
}

std::optional<std::string> Proofs::redeem(std::string_view question) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(question);
  if (found == waiting_.end()) return std::nullopt;
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  if (waiting.until <= clock_.steady()) return std::nullopt;
  return std::move(waiting.answer);
}

}  // namespace routerone::auth
