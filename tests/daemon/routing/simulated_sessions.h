#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/affinity.h"
#include "tests/daemon/routing/simulated_providers.h"
#include "tests/daemon/routing/table_fixture.h"

namespace routerone::test {

/// A provider as its sessions see it. Posted prices are USD per million tokens.
struct CachingProvider {
  std::string name;
  std::string price;
  std::function<Condition(double second)> at;
};

/// Agents that each go on with a conversation of their own: every request repeats the one before.
struct SessionStory {
  std::vector<CachingProvider> providers;
  routing::Weights weights;
  int sessions = 50, turns = 25;
  double pause = 30;         ///< Seconds between an answer and the next request, on average.
  double long_break = 0.02;  ///< Share of pauses that outlive the cache.
  std::uint32_t seed = 1;
};

struct SessionTally {
  double input = 0, hit = 0, best_hit = 0;  ///< Tokens.
  int requests = 0, lost = 0;
  int moves = 0;  ///< Of a session, although its provider's cache of it was warm.
  std::vector<int> served;

  double share() const { return hit / input; }
  double best_share() const { return best_hit / input; }
};

/// What a provider still knows of each session.
class PromptCache {
 public:
  /// Tokens that are read from it; afterwards it knows all of them.
  double use(int session, std::size_t provider, double tokens, double now) {
    Entry& entry = entries_[{session, provider}];
    const double hit = now < entry.until ? std::min(entry.tokens, tokens) : 0;
    entry = {tokens, now + kept};
    return hit;
  }
  bool warm(int session, std::size_t provider, double now) const {
    const auto found = entries_.find({session, provider});
    return found != entries_.end() && now < found->second.until;
  }

 private:
  static constexpr double kept = 300;
  struct Entry {
    double tokens = 0, until = 0;
  };
  std::map<std::pair<int, std::size_t>, Entry> entries_;
};

/// Plays sessions in their own time, by the plan of the model table, the health and the memory of
/// sessions as they run in the daemon.
class SessionPlayer {
 public:
  explicit SessionPlayer(const SessionStory& story) : story_(story), dice_(story.seed) {
    CandidatesRecord any{"auto", {}};
    for (const CachingProvider& provider : story.providers) {
      world_.add(provider.name);
      any.models.push_back(provider.name + "/m");
      world_.data.prices.push_back({any.models.back(), provider.price});
    }
    world_.data.candidates.push_back(any);
    table_ = world_.table();
    tally_.served.resize(story.providers.size());
    sessions_.resize(static_cast<std::size_t>(story.sessions));
  }

  SessionTally play() {
    for (int i = 0; i < story_.sessions; ++i) at(uniform(0, 600), [this, i] { ask(i); });
    while (!events_.empty()) {
      const auto next = events_.extract(events_.begin());
      const auto due = std::chrono::microseconds(static_cast<std::int64_t>(next.key() * 1e6));
      clock_.advance(due - moved_);
      moved_ = due;
      next.mapped()();
    }
    return std::move(tally_);
  }

 private:
  using Seconds = routing::Seconds;
  static constexpr double output_tokens = 200;
  static constexpr std::size_t tries = 3;

  struct Session {
    int turn = 0;
    double tokens = 8000;
    std::optional<std::size_t> last, best;  ///< Where it was served; where an oracle would be.
  };
  struct Try {
    int session = 0;
    std::vector<std::string> targets;
    std::size_t next = 0;
  };

  double now() const { return Seconds(moved_).count(); }
  Condition condition(std::size_t i) const { return story_.providers[i].at(now()); }
  void at(double second, std::function<void()> what) { events_.emplace(second, std::move(what)); }
  double uniform(double least, double most) {
    return std::uniform_real_distribution(least, most)(dice_);
  }
  double noisy(double middle) { return std::lognormal_distribution(std::log(middle), 0.3)(dice_); }
  std::size_t index_of(const std::string& target) const {
    std::size_t i = 0;
    while (!target.starts_with(story_.providers[i].name + "/")) ++i;
    return i;
  }
  Session& session(int i) { return sessions_[static_cast<std::size_t>(i)]; }
  std::string name(int i) const { return "session " + std::to_string(i); }

  void ask(int i) {
    ++tally_.requests;
    tally_.input += session(i).tokens;
    routing::ModelTable::Wish wish{
        .model = "auto", .dialect = "openai-chat", .dice = static_cast<std::uint32_t>(dice_())};
    wish.input_tokens = static_cast<std::int64_t>(session(i).tokens);
    wish.weights = story_.weights;
    wish.health = &health_;
    wish.steady = clock_.steady();
    wish.keeper = [&] { return affinity_.find(name(i)).value_or(""); };
    const auto planned = table_->plan(wish);
    Try one{i, {}, 0};
    for (const Target& target : planned.value().targets) one.targets.push_back(health_name(target));
    attempt(std::move(one));
  }

  void attempt(Try one) {
    std::optional<SteadyTime> began;
    while (one.next < std::min(one.targets.size(), tries)) {
      began = health_.begin(one.targets[one.next]);
      if (began) break;
      ++one.next;
    }
    if (!began) return lose(one.session);
    const std::string target = one.targets[one.next++];
    const Condition how = condition(index_of(target));
    if (std::bernoulli_distribution(how.failing)(dice_)) {
      at(now() + how.fails_after, [this, target, began, one] {
        health_.ended(target, *began, FailureClass::server_error, {}, {.failed = true});
        attempt(one);
      });
      return;
    }
    account(one.session, index_of(target));
    const double first = noisy(how.first_byte), each = noisy(how.per_token);
    at(now() + first + each * output_tokens, [this, i = one.session, target, began, first, each] {
      health_.ended(target, *began, FailureClass::none, {},
                    {.first_byte = Seconds(first),
                     .per_token = Seconds(each),
                     .output_tokens = output_tokens});
      affinity_.remember(name(i), target);
      go_on(i);
    });
  }

  void account(int i, std::size_t provider) {
    Session& one = session(i);
    ++tally_.served[provider];
    const bool moved = one.last && *one.last != provider;
    if (moved && condition(*one.last).failing == 0 && cache_.warm(i, *one.last, now())) {
      ++tally_.moves;
    }
    tally_.hit += cache_.use(i, provider, one.tokens, now());
    one.last = provider;
    // The oracle begins in the same place and leaves it only where it fails.
    if (!one.best || condition(*one.best).failing > 0) one.best = provider;
    tally_.best_hit += oracle_cache_.use(i, *one.best, one.tokens, now());
  }

  void go_on(int i) {
    Session& one = session(i);
    if (++one.turn >= story_.turns) return;
    one.tokens += output_tokens + uniform(200, 3000);
    const bool away = std::bernoulli_distribution(story_.long_break)(dice_);
    const double pause =
        away ? uniform(310, 900)
             : std::min(280.0, std::exponential_distribution(1 / story_.pause)(dice_));
    at(now() + pause, [this, i] { ask(i); });
  }
  void lose(int i) {
    ++tally_.lost;
    go_on(i);
  }

  const SessionStory& story_;
  std::mt19937 dice_;
  TableWorld world_;
  std::unique_ptr<routing::ModelTable> table_;
  ManualClock clock_;
  routing::Health health_{clock_};
  routing::Affinity affinity_{clock_};
  PromptCache cache_, oracle_cache_;
  std::vector<Session> sessions_;
  std::multimap<double, std::function<void()>> events_;
  std::chrono::microseconds moved_{};
  SessionTally tally_;
};

}  // namespace routerone::test
