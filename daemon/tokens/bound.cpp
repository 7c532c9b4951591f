#include "daemon/tokens/bound.h"

#include <algorithm>
#include <limits>

#include "daemon/tokens/image_rules.h"

namespace routerone::tokens {
namespace {

__extension__ using Wide = __int128;  // Sums and products cannot overflow it.

/// What a provider puts before a request that has tools or a house style of its own: 687 tokens are
/// the most that was seen.
constexpr std::int64_t unseen_prompt = 1'024;
/// A tool that only the provider can describe; the dearest published one is 735 tokens.
constexpr std::int64_t unseen_tool = 2'048;
/// A page is sent as text and as an image: up to 3,000 tokens of text by the labs' own guidance,
/// and no lab's page image counts more than 4,784.
constexpr std::int64_t page_of_document = 8'192;
/// The barest codec at its lowest rate (750 bytes a second) at the dearest count (32 tokens a
/// second) is 23 bytes a token.
constexpr std::int64_t audio_bytes_a_token = 16;

std::int64_t saturated(Wide value) {
  constexpr Wide most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(value, most));
}

/// Once through all that the request itself brings.
Wide one_reading(const Demand& demand, std::string_view model,
                 std::optional<std::int64_t> context) {
  Wide sum = Wide{demand.text_bytes} + demand.repeated_bytes + unseen_prompt;
  sum += Wide{demand.built_in_tools} * unseen_tool;
  // Pages that could only be bounded by a file's size are many; more than fits is never read.
  const Wide documents = Wide{demand.document_pages} * page_of_document;
  sum += context ? std::min(documents, Wide{*context}) : documents;
  sum += demand.audio_bytes / audio_bytes_a_token + (demand.audio_bytes > 0 ? 1 : 0);
  const ImageRule rule = image_rule(model);
  for (const ImageDemand& image : demand.images) sum += image_bound(image, rule);
  return sum;
}

}  // namespace

std::optional<std::int64_t> input_bound(const Demand& demand, std::string_view model,
                                        std::optional<std::int64_t> context) {
  const Wide once = one_reading(demand, model, context);
  const Wide readings = Wide{demand.server_turns} + 1;
  if (!demand.refers_to.empty()) {
    if (!context) return std::nullopt;
    return saturated(std::max(once, Wide{*context}) * readings);
  }
  if (demand.server_turns == 0) return saturated(once);
  // Each reading after the first also has the results so far and what the model wrote between.
  const std::optional<std::int64_t> written = demand.output_cap ? demand.output_cap : context;
  if (!written) return std::nullopt;
  const Wide later = once + demand.server_results + *written;
  // No reading is longer than the context, but for what the bytes alone may already come to.
  const Wide most = context ? std::max(once, Wide{*context}) : later;
  return saturated(once + std::min(later, most) * demand.server_turns);
}

}  // namespace routerone::tokens
