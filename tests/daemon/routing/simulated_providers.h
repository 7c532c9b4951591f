#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "daemon/routing/decide.h"
#include "daemon/routing/health.h"
#include "tests/support/manual_clock.h"

namespace routerone::test {

/// How a provider does at one moment of a story.
struct Condition {
  double failing = 0;         ///< Share of requests that fail before content.
  double fails_after = 0.05;  ///< Seconds until such a failure is known.
  double first_byte = 0.5;    ///< Seconds, the middle of what is drawn.
  double per_token = 0.01;
  double dollars = 0.01;
};

struct SimulatedProvider {
  std::string name;
  double quality = 0.5;
  std::function<Condition(double second)> at;
};

struct Story {
  std::vector<SimulatedProvider> providers;
  routing::Weights weights;
  double seconds = 600;
  double requests_a_second = 5;
  std::uint32_t seed = 1;
};

/// What a story came to.
struct Tally {
  struct Served {
    double second;
    std::size_t provider;
  };
  std::vector<Served> served;  ///< By the time the request came.
  std::vector<Served> failed;  ///< Attempts, by the time they failed.
  std::vector<Served> bad;     ///< Those of them that went to a target not known to be failing.
  int requests = 0;
  int lost = 0;             ///< No attempt of two switches served.
  int lost_needlessly = 0;  ///< Although some provider was not failing at all.
  double regret = 0;        ///< Share of the best possible score that was not had.

  /// How often most of five seconds' requests went elsewhere than most of the five before.
  double flaps() const;
  std::size_t failures(std::size_t provider, double from, double to) const;
  /// Share of the requests of that time that `provider` served.
  double share(std::size_t provider, double from, double to) const;
  /// The first second after `from` from which `provider` has at least `share` of five seconds.
  double time_of_share(std::size_t provider, double from, double share) const;
};

class Player {
 public:
  explicit Player(const Story& story) : story_(story), dice_(story.seed) {}

  Tally play() {
    for (double second = 0; second < story_.seconds;) {
      events_.emplace(second, [this, second] { arrive(second); });
      second += std::exponential_distribution(story_.requests_a_second)(dice_);
    }
    while (!events_.empty()) {
      const auto next = events_.extract(events_.begin());
      move_to(next.key());
      next.mapped()();
    }
    tally_.regret = best_ > 0 ? 1 - had_ / best_ : 0;
    return std::move(tally_);
  }

 private:
  using Seconds = routing::Seconds;
  static constexpr double output_tokens = 200;
  static constexpr int switches = 2;

  struct Request {
    double came = 0;
    std::vector<std::size_t> order;
    std::size_t at = 0;
    int tried = 0;
  };

  void move_to(double second) {
    const auto due = std::chrono::microseconds(static_cast<std::int64_t>(second * 1e6));
    clock_.advance(due - moved_);
    moved_ = due;
  }
  double now() const { return Seconds(moved_).count(); }
  Condition condition(std::size_t i) const { return story_.providers[i].at(now()); }

  void arrive(double second) {
    ++tally_.requests;
    Decision decision;
    decision.weights = story_.weights;
    decision.dice = static_cast<std::uint32_t>(dice_());
    for (std::size_t i = 0; i < story_.providers.size(); ++i) {
      const SimulatedProvider& provider = story_.providers[i];
      const routing::HealthView health = health_.view(provider.name);
      DecidedCandidate& candidate = decision.candidates.emplace_back();
      candidate.point = routing::standpoint_of(health, output_tokens);
      candidate.point.dollars = condition(i).dollars;
      candidate.point.quality = provider.quality;
      candidate.out = routing::is_out(health);
    }
    routing::decide(decision);
    best_ += best_possible();
    attempt({second, std::move(decision.order)});
  }

  void attempt(Request request) {
    std::optional<SteadyTime> began;
    bool unaware = false;
    while (request.at < request.order.size() && request.tried <= switches) {
      const auto state = health_.view(name(request.order[request.at])).state;
      unaware = state == routing::Breaker::State::closed;
      began = health_.begin(name(request.order[request.at]));
      if (began) break;
      ++request.at;
    }
    if (!began) return lose();
    const std::size_t i = request.order[request.at++];
    ++request.tried;
    const Condition how = condition(i);
    if (std::bernoulli_distribution(how.failing)(dice_)) {
      at(now() + how.fails_after, [this, i, began, request, unaware] {
        tally_.failed.push_back({now(), i});
        if (unaware) tally_.bad.push_back({now(), i});
        health_.ended(name(i), *began, FailureClass::server_error, {}, {.failed = true});
        attempt(request);
      });
      return;
    }
    const double first = noisy(how.first_byte), each = noisy(how.per_token);
    at(now() + first + each * output_tokens, [this, i, began, request, first, each] {
      health_.ended(name(i), *began, FailureClass::none, {},
                    {.first_byte = Seconds(first), .per_token = Seconds(each)});
      tally_.served.push_back({request.came, i});
    });
    had_ += worth(i);
  }

  void lose() {
    ++tally_.lost;
    for (std::size_t i = 0; i < story_.providers.size(); ++i) {
      if (condition(i).failing == 0) {
        ++tally_.lost_needlessly;
        return;
      }
    }
  }

  /// The score of each provider if all were known of it: what an oracle goes by.
  std::vector<Score> true_scores() const {
    std::vector<Standpoint> points;
    for (std::size_t i = 0; i < story_.providers.size(); ++i) {
      const Condition how = condition(i);
      points.push_back({.seconds = how.first_byte + how.per_token * output_tokens,
                        .dollars = how.dollars,
                        .quality = story_.providers[i].quality,
                        .failure_share = how.failing,
                        .reserve = how.failing >= 1});
    }
    return routing::choose(points, story_.weights, 0).scores;
  }
  double worth(std::size_t i) const { return true_scores()[i].total; }
  double best_possible() const {
    double best = 0;
    for (const auto& score : true_scores()) best = std::max(best, score.total);
    return best;
  }

  double noisy(double middle) { return std::lognormal_distribution(std::log(middle), 0.3)(dice_); }
  const std::string& name(std::size_t i) const { return story_.providers[i].name; }
  void at(double second, std::function<void()> what) { events_.emplace(second, std::move(what)); }

  const Story& story_;
  std::mt19937 dice_;
  ManualClock clock_;
  routing::Health health_{clock_};
  std::multimap<double, std::function<void()>> events_;
  std::chrono::microseconds moved_{};
  double had_ = 0, best_ = 0;
  Tally tally_;
};

inline std::vector<Tally::Served> within(const std::vector<Tally::Served>& all, double from,
                                         double to) {
  std::vector<Tally::Served> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](const auto& one) { return one.second >= from && one.second < to; });
  return some;
}

inline std::size_t of(const std::vector<Tally::Served>& some, std::size_t provider) {
  return static_cast<std::size_t>(std::count_if(
      some.begin(), some.end(), [&](const auto& one) { return one.provider == provider; }));
}

inline double Tally::flaps() const {
  double last = 0;
  std::size_t most = 0;
  for (const Served& one : served) {
    last = std::max(last, one.second);
    most = std::max(most, one.provider);
  }
  int changes = -1;
  std::size_t before = most + 1;
  for (double second = 0; second + 5 <= last; second += 5) {
    for (std::size_t i = 0; i <= most; ++i) {
      if (i != before && share(i, second, second + 5) > 0.5) {
        before = i;
        ++changes;
        break;
      }
    }
  }
  return std::max(changes, 0);
}

inline std::size_t Tally::failures(std::size_t provider, double from, double to) const {
  return of(within(failed, from, to), provider);
}

inline double Tally::share(std::size_t provider, double from, double to) const {
  const auto some = within(served, from, to);
  return some.empty() ? 0
                      : static_cast<double>(of(some, provider)) / static_cast<double>(some.size());
}

inline double Tally::time_of_share(std::size_t provider, double from, double wanted) const {
  for (double second = from; second < from + 600; second += 1) {
    if (share(provider, second, second + 5) >= wanted) return second;
  }
  return from + 600;
}

/// Plays a story in its own time: requests come, overlap, fail over twice at most and end, with the
/// breaker, the signals and the choice as they run in the daemon.
inline Tally play(const Story& story) { return Player(story).play(); }

}  // namespace routerone::test
