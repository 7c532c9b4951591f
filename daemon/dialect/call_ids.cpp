#include "daemon/dialect/call_ids.h"

#include "daemon/dialect/digest.h"

namespace routerone::dialect {
namespace {

/// As long as ids are anywhere; what is kept of a longer one is its digest.
constexpr std::size_t longest_kept_id = 64;

std::string key_of(const std::string& id) {
  return id.size() > longest_kept_id ? digest_hex(id, longest_kept_id) : id;
}

}  // namespace

std::string CallIds::give(std::string_view said, std::string_view base) {
  const std::size_t number = calls_++;
  std::string wanted(said);
  if (wanted.empty()) wanted = "call_" + std::string(base) + "_" + std::to_string(number);
  auto [first, free] = taken_.try_emplace(key_of(wanted), 1);
  std::string given = wanted;
  while (!free) {
    given = wanted + "_" + std::to_string(++first->second);
    free = taken_.try_emplace(key_of(given), 1).second;
  }
  return given;
}

}  // namespace routerone::dialect
