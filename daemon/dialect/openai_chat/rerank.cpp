#include "daemon/dialect/openai_chat/rerank.h"

#include <array>

#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/survey.h"

namespace routerone::dialect::openai_chat {
namespace {

/// One search is a question put to up to so many documents, of which each stretch of so many
/// tokens, the question included, counts as one. Not even half of a stretch is ever the question's.
constexpr std::int64_t documents_a_search = 100, least_stretch = 256;

}  // namespace

tl::expected<Demand, Refusal> measure_rerank(std::string_view body) {
  static constexpr std::array<std::string_view, 2> names = {"query", "documents"};
  const auto [top, more] = survey(body, names);
  DemandMaker maker(body);
  maker.refuse_doubtful(names, top);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (more[i]) maker.refer(names[i]);
  }
  std::int64_t documents = 0;
  for_each_element(top[1].value, [&documents](std::string_view) { ++documents; });
  const std::int64_t stretches = documents + maker.demand.text_bytes / least_stretch;
  maker.demand.repeated_bytes = documents * static_cast<std::int64_t>(top[0].value.size());
  maker.demand.requests = stretches / documents_a_search + 1;
  return std::move(maker).done();
}

void read_rerank_meta(std::string_view meta, Usage& usage) {
  const Dom document(meta);
  if (!document.ok()) return;
  if (const auto billed = member(document.root(), "billed_units")) {
    usage.requests = count_member(*billed, "search_units");
  }
  const auto tokens = member(document.root(), "tokens");
  if (tokens && !usage.input) usage.input = count_member(*tokens, "input_tokens");
}

}  // namespace routerone::dialect::openai_chat
