#include "daemon/routing/data_policy.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/core/text.h"

namespace routerone::routing {
namespace {

/// The European Union and the other states of the European Economic Area.
constexpr std::array<std::string_view, 30> eea = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"};

bool lies_in(std::string_view place, std::string_view region) {
  if (place.empty()) return false;
  if (iequals(place, region)) return true;
  return iequals(region, "eu") && std::any_of(eea.begin(), eea.end(), [place](auto country) {
           return iequals(country, place);
         });
}

/// `a.b.c.d` as one number; nullopt: it is a name.
std::optional<std::uint32_t> address4(std::string_view host) {
  std::uint32_t address = 0;
  const auto parts = split(host, '.');
  if (parts.size() != 4) return std::nullopt;
  for (const std::string_view part : parts) {
    const auto number = parse_uint(part);
    if (!number || *number > 255) return std::nullopt;
    address = address << 8 | static_cast<std::uint32_t>(*number);
  }
  return address;
}

bool is_private4(std::uint32_t address) {
  struct Block {
    std::uint32_t network;
    int bits;
  };
  constexpr std::array<Block, 5> blocks = {
      {{0x7f000000, 8}, {0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}, {0xa9fe0000, 16}}};
  return std::any_of(blocks.begin(), blocks.end(), [address](Block block) {
    return address >> (32 - block.bits) == block.network >> (32 - block.bits);
  });
}

bool is_private6(std::string_view host) {
  if (host == "::1") return true;
  // fc00::/7 and fe80::/10, by their first group, which is never cut short.
  const std::string group = lower(host.substr(0, host.find(':')));
  if (group.size() != 4) return false;
  return group.starts_with("fc") || group.starts_with("fd") ||
         (group.starts_with("fe") && std::string_view("89ab").find(group[2]) != std::string::npos);
}

}  // namespace

bool is_private_host(std::string_view host) {
  if (const auto address = address4(host)) return is_private4(*address);
  if (host.find(':') != std::string_view::npos) return is_private6(host);
  return iequals(host, "localhost") || lower(host).ends_with(".localhost");
}

bool keeps(const DataPolicy& required, const DataStanding& standing) {
  if (standing.local) return true;
  const catalog::DataFacts& facts = standing.facts;
  if (required.zero_retention && facts.zdr != "default" && facts.retention_days != 0) return false;
  if (required.no_training && facts.trains_on_data != false) return false;
  if (required.region.empty()) return true;
  return lies_in(standing.region.empty() ? standing.hq : standing.region, required.region);
}

std::string in_words(const DataPolicy& policy) {
  std::string words;
  const auto add = [&words](const std::string& one) { words += (words.empty() ? "" : ", ") + one; };
  if (policy.zero_retention) add("zero data retention");
  if (policy.no_training) add("no training on data");
  if (!policy.region.empty()) add("region " + printable(policy.region, 32));
  return words;
}

}  // namespace routerone::routing
