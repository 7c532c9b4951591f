#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/nouns.h"
#include "daemon/control/usage_sums.h"
#include "daemon/control/words.h"
#include "daemon/trace/filter.h"

namespace routerone::control {
namespace {

constexpr std::array groups = {"model",   "key",    "project", "provider",
                               "session", "client", "day",     "hour"};

Status check_groups(const Strings& by) {
  const std::vector<std::string> known(groups.begin(), groups.end());
  for (const std::string& group : by) {
    if (std::find(known.begin(), known.end(), group) == known.end())
      return fail(ErrorKind::invalid,
                  fmt::format("usage cannot be told by \"{}\"", printable(group, 40)),
                  fmt::format("--by takes: {}", fmt::join(known, ",")));
    if (std::count(by.begin(), by.end(), group) > 1)
      return fail(ErrorKind::invalid, fmt::format("--by names {} twice", group));
  }
  return {};
}

Json view(const Strings& by, const store::UsageLine& line) {
  Json out = Json::object();
  out["schema"] = schema_version;
  for (std::size_t i = 0; i < by.size() && i < line.group.size(); ++i) out[by[i]] = line.group[i];
  add_sums(out, line);
  return out;
}

Result<Json> sum(Desk desk, const Json& body) {
  TRY(const auto wish, read<UsageWish>(body));
  TRY_STATUS(check_groups(wish.by));
  TRY(const auto query, trace::parse_filter(wish.terms, desk.services.clock.wall()));
  TRY(auto lines, desk.services.traces.usage(wish.by, query));
  if (lines.empty() && wish.by.empty()) lines.emplace_back();
  Json out = Json::array();
  for (const auto& line : lines) out.push_back(view(wish.by, line));
  return out;
}

}  // namespace

void add_usage(Router& router, Desk desk) {
  router.on(path::usage, [desk](const Json& body) { return sum(desk, body); });
}

}  // namespace routerone::control
