#include "daemon/dialect/gemini/usage.h"

#include <algorithm>
#include <string_view>

#include "daemon/dialect/dom.h"

namespace routerone::dialect::gemini {
namespace {

using Element = simdjson::dom::element;
using Count = std::optional<std::int64_t>;

/// The tokens of one modality in a list of details; nullopt: it names none.
Count modality(Element usage, std::string_view details, std::string_view name) {
  const auto list = member(usage, details);
  simdjson::dom::array entries;
  if (!list || list->get_array().get(entries) != simdjson::SUCCESS) return std::nullopt;
  Count sum;
  for (const Element entry : entries) {
    if (text_member(entry, "modality") != name) continue;
    sum = sum.value_or(0) + count_member(entry, "tokenCount").value_or(0);
  }
  return sum;
}

Count plus(Count a, Count b) {
  if (!a && !b) return std::nullopt;
  return a.value_or(0) + b.value_or(0);
}

/// At most what is left of `total`; taken off. Absent stays absent.
Count take_off(std::int64_t& total, Count count) {
  if (!count) return count;
  const std::int64_t taken = std::clamp<std::int64_t>(*count, 0, total);
  total -= taken;
  return taken;
}

/// What is new of a modality: all of it less what came from the cache.
Count uncached(Element usage, std::string_view name) {
  const Count all = plus(modality(usage, "promptTokensDetails", name),
                         modality(usage, "toolUsePromptTokensDetails", name));
  if (!all) return all;
  const std::int64_t cached = modality(usage, "cacheTokensDetails", name).value_or(0);
  return std::max<std::int64_t>(0, *all - cached);
}

void read_input(Element usage, Usage& out) {
  const Count prompt = count_member(usage, "promptTokenCount");
  const Count total = plus(prompt, count_member(usage, "toolUsePromptTokenCount"));
  if (!total) return;
  std::int64_t left = *total;
  // The cache only ever holds what stands in the prompt.
  Count read = count_member(usage, "cachedContentTokenCount");
  if (read) read = std::min(*read, prompt.value_or(0));
  out.cache_read = take_off(left, read);
  if (out.cache_read) {
    out.cache_read_audio =
        take_off(*out.cache_read, modality(usage, "cacheTokensDetails", "AUDIO"));
  }
  out.input_audio = take_off(left, uncached(usage, "AUDIO"));
  out.input_image = take_off(left, uncached(usage, "IMAGE"));
  out.input = left;
}

void read_output(Element usage, Usage& out) {
  const Count candidates = count_member(usage, "candidatesTokenCount");
  const Count thoughts = count_member(usage, "thoughtsTokenCount");
  if (!candidates && !thoughts) return;
  std::int64_t output = candidates.value_or(0);
  const std::int64_t input = count_member(usage, "promptTokenCount").value_or(0) +
                             count_member(usage, "toolUsePromptTokenCount").value_or(0);
  // Some replies count thoughts among the candidates; the total gives it away.
  const bool inside = count_member(usage, "totalTokenCount") == input + output;
  if (!inside) output += thoughts.value_or(0);
  out.reasoning = thoughts;
  out.output_audio = take_off(output, modality(usage, "candidatesTokensDetails", "AUDIO"));
  out.output_image = take_off(output, modality(usage, "candidatesTokensDetails", "IMAGE"));
  out.output = output;
}

/// One API names the tier, the other one how the traffic was paid for.
std::string tier_of(Element usage) {
  const std::string_view traffic = text_member(usage, "trafficType");
  if (traffic == "ON_DEMAND_FLEX") return "flex";
  if (traffic == "ON_DEMAND_PRIORITY") return "priority";
  return tier_word(text_member(usage, "serviceTier"));
}

}  // namespace

Usage read_usage(Element usage) {
  Usage out;
  read_input(usage, out);
  read_output(usage, out);
  out.service_tier = tier_of(usage);
  return out;
}

}  // namespace routerone::dialect::gemini
