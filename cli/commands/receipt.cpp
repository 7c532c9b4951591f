#include "cli/commands/receipt.h"

#include <fmt/format.h>

#include "cli/commands/views.h"
#include "cli/terminal/human.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

std::string usd(const Json& object, const char* field) {
  return usd_cell(text_of(object, field)).shown;
}

std::string plural(std::int64_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// `12.3k tokens in (80% from cache), 1.2k out`
std::string token_words(const Json& sums) {
  const std::int64_t in = whole_of(sums, "input_tokens") + whole_of(sums, "cache_read_tokens") +
                          whole_of(sums, "cache_write_tokens");
  std::string words = short_count(in) + " tokens in";
  if (whole_of(sums, "cache_read_tokens") > 0)
    words += fmt::format(" ({}% from cache)", whole_of(sums, "cache_hit_percent"));
  return words + fmt::format(", {} out", short_count(whole_of(sums, "output_tokens")));
}

std::string cost_words(const Json& sums) {
  const std::int64_t unknown = whole_of(sums, "unknown_cost_requests");
  const std::string known = usd(sums, "cost_usd");
  return unknown == 0 ? known : fmt::format("{} and {} of unknown cost", known, unknown);
}

std::string left_words(const Json& budget) {
  const Json& limit = part_of(budget, "limit");
  const std::string left = text_of(budget, "left_usd");
  if (left.empty()) return {};
  if (!limit.is_object()) return fmt::format("left: {}", usd(budget, "left_usd"));
  return fmt::format("left: {} of {}; spent in all: {}", usd(budget, "left_usd"), usd(limit, "usd"),
                     usd(budget, "spent_usd"));
}

}  // namespace

void print_receipt(Output& out, const Json& receipt) {
  std::string first = fmt::format("run {}: {}, {}, {}", printable(text_of(receipt, "name"), 64),
                                  plural(whole_of(receipt, "requests"), "request", "requests"),
                                  cost_words(receipt), token_words(receipt));
  out.note(first);
  for (const Json& model : part_of(receipt, "models"))
    out.note(fmt::format("  {}: {}, {}, {}", printable(text_of(model, "model"), 128),
                         plural(whole_of(model, "requests"), "request", "requests"),
                         cost_words(model), token_words(model)));
  const std::int64_t fallbacks = whole_of(receipt, "fallbacks");
  const std::int64_t refusals = whole_of(receipt, "refusals");
  if (fallbacks + refusals > 0)
    out.note(fmt::format("  {}, {}", plural(fallbacks, "fallback", "fallbacks"),
                         plural(refusals, "refusal", "refusals")));
  const Json& budget = part_of(receipt, "budget");
  if (const std::string left = left_words(budget); !left.empty()) out.note("  " + left);
  if (const std::int64_t running = whole_of(budget, "running"); running > 0)
    out.note(fmt::format("  {} still under way", plural(running, "request", "requests")));
}

}  // namespace routerone::cli
