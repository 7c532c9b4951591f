#include "daemon/control/cost_query.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/words.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {
namespace {

constexpr Millis longest_asking{25'000};  // the caller waits 45 s, one question takes up to 10
constexpr std::size_t most_rows = 10'000;

Result<const ProviderRecord*> find_provider(const ControlData& data, const std::string& id) {
  std::vector<std::string> known;
  for (const ProviderRecord& provider : data.providers) {
    if (provider.id == id) return &provider;
    known.push_back(provider.id);
  }
  return fail(ErrorKind::not_found, fmt::format("there is no provider \"{}\"", printable(id, 64)),
              suggestion(id, known, "routerone providers list"));
}

Result<Strings> doubtful_ids(const std::string& provider, Desk desk) {
  store::Query query;
  query.limit = most_rows;
  store::Condition of_provider;
  of_provider.column = "provider";
  of_provider.text = provider;
  query.where = {of_provider};
  TRY(const auto rows, desk.services.traces.query(query));
  Strings ids;
  for (const auto& stored : rows) {
    const TraceRow& row = stored.row;
    const bool doubtful =
        row.state == FinalState::interrupted || row.usage_source == UsageSource::estimate;
    if (doubtful && !row.upstream_request_id.empty()) ids.push_back(row.upstream_request_id);
  }
  return ids;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Result<std::shared_ptr<const Endpoint>> endpoint_of(const ProviderRecord& provider, Desk desk) {
  const auto credentials = desk.state.credentials();
  const auto credential = credentials.find(provider.id);
  TRY(Endpoint endpoint,
      routing::make_endpoint(provider, provider.endpoints.front(),
                             credential == credentials.end() ? nullptr : credential->second));
  return std::make_shared<const Endpoint>(std::move(endpoint));
}

/// 404 for one id is its own; any other refusal is one of all.
Status judge(const ProbeAnswer& answer, const std::string& provider) {
  if (answer.status / 100 == 2 || answer.status == 404) return {};
  if (!answer.fault.empty())
    return fail(ErrorKind::upstream_failed,
                fmt::format("{} could not be asked: {}", provider, answer.fault),
                fmt::format("routerone providers test {}", provider));
  return fail(
      ErrorKind::upstream_failed,
      fmt::format("{} does not tell what requests cost (status {})", provider, answer.status),
      "take the file its web site exports: routerone budgets reconcile FILE.csv");
}

}  // namespace

std::optional<Money> cost_of_generation(std::string_view body) {
  const auto json = parse_json(body, 32);
  if (!json || !json->is_object() || !json->contains("data") || !(*json)["data"].is_object())
    return std::nullopt;
  const Json& data = (*json)["data"];
  const auto cost = data.find("total_cost");
  if (cost == data.end() || !cost->is_number()) return std::nullopt;
  auto amount = parse_usd(cost->dump());
  // A number that went through binary on its way may have more decimals than money has.
  if (!amount) amount = parse_usd(fmt::format("{:.12f}", cost->get<double>()));
  if (!amount || *amount < Money{}) return std::nullopt;
  return *amount;
}

Result<AskedCosts> ask_costs(const std::string& id, Desk desk) {
  const auto snapshot = desk.state.snapshot();
  TRY(const ProviderRecord* provider, find_provider(snapshot->data, id));
  TRY(const Strings ids, doubtful_ids(id, desk));
  TRY(const auto endpoint, endpoint_of(*provider, desk));
  const SteadyTime end = desk.services.clock.steady() + longest_asking;
  AskedCosts out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (desk.services.clock.steady() >= end) {
      out.left = static_cast<std::int64_t>(ids.size() - i);
      break;
    }
    const ProbeAnswer answer =
        desk.services.probe({endpoint, "GET", "/generation?id=" + escaped(ids[i]), {}, ""});
    TRY_STATUS(judge(answer, id));
    const auto cost = answer.status == 404 ? std::nullopt : cost_of_generation(answer.body);
    if (cost)
      out.costs.push_back({ids[i], *cost});
    else
      out.unanswered.push_back(ids[i]);
  }
  return out;
}

}  // namespace routerone::control
