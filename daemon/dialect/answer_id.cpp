#include "daemon/dialect/answer_id.h"

#include <algorithm>
#include <array>

namespace routerone::dialect {
namespace {

constexpr std::array<std::string_view, 4> prefixes = {"chatcmpl-", "msg_", "resp_", "gen-"};
constexpr std::size_t longest = 48;

bool is_portable(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-';
}

}  // namespace

std::string answer_base(std::string_view upstream, std::string_view own) {
  for (const std::string_view prefix : prefixes) {
    if (upstream.starts_with(prefix)) {
      upstream.remove_prefix(prefix.size());
      break;
    }
  }
  const auto written = [](std::string_view id) {
    std::string out;
    std::copy_if(id.begin(), id.end(), std::back_inserter(out), is_portable);
    out.resize(std::min(out.size(), longest));
    return out;
  };
  std::string out = written(upstream);
  return out.empty() ? written(own) : out;
}

}  // namespace routerone::dialect
