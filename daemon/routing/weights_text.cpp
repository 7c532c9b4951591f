#include "daemon/routing/weights_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/text.h"
#include "daemon/exchange/routing_bounds.h"
#include "daemon/routing/score.h"

namespace routerone::routing {
namespace {

constexpr std::array<std::pair<std::string_view, double RouteWeights::*>, 3> signals{{
    {"latency", &RouteWeights::latency},
    {"cost", &RouteWeights::cost},
    {"quality", &RouteWeights::quality},
}};
constexpr std::array<std::string_view, 4> profiles{"fast", "cheap", "best", "balanced"};
constexpr const char* usage = "write latency=.5,cost=.3,quality=.2, or fast, cheap, best, balanced";

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view between = ", \t";
  std::vector<std::string_view> words;
  for (auto begin = text.find_first_not_of(between); begin != text.npos;) {
    const auto end = std::min(text.find_first_of(between, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(between, end);
  }
  return words;
}

/// `0.5`, `.5` or `5`: no sign, no exponent, no `nan`.
std::optional<double> read_number(std::string_view text, double most) {
  const bool plain = text.find_first_not_of("0123456789.") == text.npos;
  double number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (!plain || text.ends_with('.') || read.ec != std::errc() || read.ptr != end)
    return std::nullopt;
  return number <= most ? std::optional(number) : std::nullopt;
}

template <class Names>
std::string nearest_of(std::string_view wanted, const Names& names) {
  const std::vector<std::string> known(names.begin(), names.end());
  const auto near = nearest(wanted, known, 1);
  return near.empty() ? std::string() : fmt::format("; did you mean {}?", near.front());
}

tl::unexpected<Error> no_such_signal(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& [known, member] : signals) names.push_back(known);
  return fail(
      ErrorKind::invalid,
      fmt::format("there is no weight \"{}\"{}", printable(name, 40), nearest_of(name, names)),
      "there are latency, cost and quality");
}

tl::unexpected<Error> no_such_profile(std::string_view name) {
  return fail(ErrorKind::invalid,
              fmt::format("\"{}\" is neither a weight nor a profile{}", printable(name, 40),
                          nearest_of(name, profiles)),
              usage);
}

Status read_word(std::string_view word, std::vector<std::string_view>& said, RouteWeights& into) {
  const auto sign = word.find('=');
  const std::string_view name = word.substr(0, sign);
  const auto found = std::find_if(signals.begin(), signals.end(),
                                  [&](const auto& signal) { return signal.first == name; });
  if (sign == word.npos) {
    if (found != signals.end())
      return fail(ErrorKind::invalid, fmt::format("{} needs a number: {}=.5", name, name), usage);
    if (!profile(word)) return no_such_profile(word);
    return fail(ErrorKind::invalid, fmt::format("the profile {} stands alone", word), usage);
  }
  if (found == signals.end()) return no_such_signal(name);
  if (std::find(said.begin(), said.end(), name) != said.end())
    return fail(ErrorKind::invalid, fmt::format("the weight {} is said twice", name), usage);
  const auto number = read_number(word.substr(sign + 1), most_weight);
  if (!number)
    return fail(ErrorKind::invalid,
                fmt::format("the weight {} is a number from 0 to {}, not \"{}\"", name, most_weight,
                            printable(word.substr(sign + 1), 40)),
                usage);
  said.push_back(name);
  into.*found->second = *number;
  return {};
}

}  // namespace

Result<RouteWeights> read_weights(std::string_view text, const RouteWeights& now) {
  const auto words = words_of(text);
  if (words.empty()) return fail(ErrorKind::invalid, "no weights are said", usage);
  if (words.size() == 1) {
    if (const auto known = profile(words.front())) return *known;
  }
  RouteWeights weights = now;
  std::vector<std::string_view> said;
  for (const std::string_view word : words) TRY_STATUS(read_word(word, said, weights));
  if (weights.latency <= 0 && weights.cost <= 0 && weights.quality <= 0)
    return fail(ErrorKind::invalid, "all weights are 0: nothing would count", usage);
  return weights;
}

Result<double> read_quality(std::string_view text) {
  if (const auto quality = read_number(text, 1)) return *quality;
  return fail(ErrorKind::invalid,
              fmt::format("a quality is a number from 0 to 1, not \"{}\"", printable(text, 40)),
              "write it like 0.9");
}

}  // namespace routerone::routing
