#pragma once

#include <cstdint>

#include "daemon/exchange/usage.h"

namespace routerone::tokens {

/// What an answer that reported no usage may have cost, from the bytes that went through. Rough by
/// nature and marked as an estimate wherever it is shown: four bytes of request a token, and for a
/// stream one token for each 64 bytes of events (a delta of a token or two with its JSON around
/// it).
inline Usage estimate(std::uint64_t request_bytes, std::uint64_t answer_bytes, bool stream) {
  Usage usage;
  usage.input = static_cast<std::int64_t>((request_bytes + 3) / 4);
  const std::uint64_t bytes_a_token = stream ? 64 : 4;
  usage.output = static_cast<std::int64_t>((answer_bytes + bytes_a_token - 1) / bytes_a_token);
  return usage;
}

}  // namespace routerone::tokens
