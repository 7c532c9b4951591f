#include "daemon/routing/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace routerone::routing {
namespace {

constexpr double least_dollars = 1e-9;  ///< Below it an answer is free.
constexpr double neutral_quality = 0.5;
constexpr double hopeful = 8;   ///< Times as likely to be tried as others.
constexpr double quickest = 4;  ///< Times as quick as the best one known: more is not hoped for.
constexpr double scarce = 0.1;  ///< Of a provider's own limits: below it others are better.

double sound(double weight) { return std::isfinite(weight) && weight > 0 ? weight : 0; }

/// A number between 0 and 1 from the dice, a new one each time.
double roll(std::uint64_t& dice) {
  dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
  return static_cast<double>(dice >> 33) / static_cast<double>(1ULL << 31);
}

/// What stands for an unknown: neither a reason to go there nor to stay away. Changes the order.
std::optional<double> middle(std::vector<double>& known) {
  if (known.empty()) return std::nullopt;
  const auto at = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::nth_element(known.begin(), at, known.end());
  return *at;
}

/// Twice as much is half as good. Who costs or takes an unknown amount is taken for the middle one.
template <class Read>
void rate(std::span<const Standpoint> candidates, std::vector<Score>& scores, double least,
          double Score::*term, Read read) {
  std::vector<double> known, in_reserve;
  known.reserve(candidates.size());
  for (const Standpoint& one : candidates) {
    const auto value = read(one);
    if (value) (one.reserve ? in_reserve : known).push_back(std::max(*value, least));
  }
  if (known.empty()) known = std::move(in_reserve);
  const double best = known.empty() ? 0 : *std::min_element(known.begin(), known.end());
  const auto instead = middle(known);
  if (!instead) {
    for (Score& score : scores) score.*term = 1;
    return;
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    scores[i].*term = std::min(best / std::max(read(candidates[i]).value_or(*instead), least), 1.0);
  }
}

double health_of(const Standpoint& one) {
  const double sound_share = 1 - std::clamp(one.failure_share, 0.0, 1.0);
  return sound_share * std::clamp(one.headroom / scarce, 0.0, 1.0);
}

std::vector<Score> score(std::span<const Standpoint> candidates, const Weights& weights) {
  std::vector<Score> scores(candidates.size());
  rate(candidates, scores, 1e-3, &Score::latency, [](const auto& one) { return one.seconds; });
  rate(candidates, scores, least_dollars, &Score::cost,
       [](const auto& one) { return one.dollars; });
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    Score& score = scores[i];
    score.quality = std::clamp(candidates[i].quality.value_or(neutral_quality), 0.0, 1.0);
    score.health = health_of(candidates[i]);
    score.total = score.health * (weights.latency * score.latency + weights.cost * score.cost +
                                  weights.quality * score.quality);
  }
  return scores;
}

/// Draws a place by `chance`; the last one where they come to nothing.
template <class At, class Chance>
At draw(At first, At end, std::uint64_t& dice, Chance chance) {
  double all = 0;
  for (At at = first; at != end; ++at) all += chance(*at);
  double ticket = roll(dice) * all;
  for (; first + 1 != end && ticket >= chance(*first); ++first) ticket -= chance(*first);
  return first;
}

/// Puts one of those that are as good as the first there, by their shares, the idle ones rather.
void share_load(std::span<const Standpoint> candidates, Choice& choice, double margin,
                std::uint64_t& dice) {
  const std::size_t best = choice.order.front();
  const double floor = choice.scores[best].total * (1 - margin);
  const auto end = std::find_if(choice.order.begin(), choice.order.end(), [&](std::size_t i) {
    return choice.scores[i].total < floor || candidates[i].reserve != candidates[best].reserve;
  });
  std::vector<double> chances;
  chances.reserve(static_cast<std::size_t>(end - choice.order.begin()));
  for (auto one = choice.order.begin(); one != end; ++one) {
    const Standpoint& point = candidates[*one];
    chances.push_back(std::max(point.share, 0.0) / (1 + std::max(point.in_flight, 0)));
  }
  if (std::none_of(chances.begin(), chances.end(), [](double one) { return one > 0; })) return;
  auto place = choice.order.begin();
  for (auto first = chances.begin(); first != chances.end(); ++first, ++place) {
    const auto drawn = draw(first, chances.end(), dice, [](double chance) { return chance; });
    const auto far = drawn - first;
    std::rotate(first, drawn, drawn + 1);
    std::rotate(place, place + far, place + far + 1);
  }
}

/// Could it come before `best`, if it were found to be so much quicker than that one? What it costs
/// and how good it is are known, and do not become better by asking.
bool worth_a_trial(const Score& score, const Score& best, const Weights& weights) {
  const auto sure = [&](const Score& one) {
    return weights.cost * one.cost + weights.quality * one.quality;
  };
  const double overtaken = best.health * (weights.latency / quickest + sure(best));
  return weights.latency + sure(score) >= overtaken;
}

/// Now and then the first place goes to one that must be measured, if what is found could give it
/// that place; rather to one that would have it but for failures which may be over.
void give_trial(std::span<const Standpoint> candidates, const Weights& weights, Choice& choice,
                double share, std::uint64_t& dice) {
  const std::size_t best = choice.order.front();
  std::vector<std::size_t> waiting;
  for (const std::size_t i : choice.order) {
    const bool waits = candidates[i].trial && !candidates[i].reserve && i != best;
    if (waits && worth_a_trial(choice.scores[i], choice.scores[best], weights)) {
      waiting.push_back(i);
    }
  }
  if (waiting.empty() || roll(dice) >= share) return;
  const auto chance = [&](std::size_t i) {
    const Score& score = choice.scores[i];
    return score.total > choice.scores[best].total * score.health ? hopeful : 1.0;
  };
  const std::size_t drawn = *draw(waiting.begin(), waiting.end(), dice, chance);
  const auto at = std::find(choice.order.begin(), choice.order.end(), drawn);
  std::rotate(choice.order.begin(), at, at + 1);
  choice.trial = true;
}

}  // namespace

Weights normalised(const Weights& weights) {
  const Weights kept{sound(weights.latency), sound(weights.cost), sound(weights.quality)};
  const double sum = kept.latency + kept.cost + kept.quality;
  if (sum <= 0 || !std::isfinite(sum)) return {1.0 / 3, 1.0 / 3, 1.0 / 3};
  return {kept.latency / sum, kept.cost / sum, kept.quality / sum};
}

std::optional<Weights> profile(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Weights>, 4> profiles{{
      {"balanced", {1, 1, 1}},
      {"fast", {8, 1, 1}},
      {"cheap", {1, 8, 1}},
      {"best", {1, 1, 8}},
  }};
  for (const auto& [known, weights] : profiles) {
    if (known == name) return weights;
  }
  return std::nullopt;
}

Choice choose(std::span<const Standpoint> candidates, const Weights& weights, std::uint32_t dice,
              const ChoiceOptions& options) {
  Choice choice;
  if (candidates.empty()) return choice;
  const Weights shares = normalised(weights);
  choice.scores = score(candidates, shares);
  choice.order.resize(candidates.size());
  std::iota(choice.order.begin(), choice.order.end(), std::size_t{0});
  std::stable_sort(choice.order.begin(), choice.order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(candidates[b].reserve, choice.scores[a].total) >
           std::pair(candidates[a].reserve, choice.scores[b].total);
  });
  std::uint64_t rolling = dice;
  share_load(candidates, choice, options.margin, rolling);
  give_trial(candidates, shares, choice, options.trials, rolling);
  return choice;
}

}  // namespace routerone::routing
