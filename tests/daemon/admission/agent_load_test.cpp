// What a clamp policy does to coding agents that ask for 128,000 tokens and use about 1,500: a
// simulation that prints, side by side, how much of a limit gets used and who is refused.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <queue>
#include <random>

#include "daemon/admission/amounts.h"
#include "daemon/admission/clamp.h"

namespace routerone::admission {
namespace {

using Policy = std::function<Decision(const Bill&, const Room&)>;

/// Every cap as it was asked for.
Decision unclamped(const Bill& bill, const Room& room) { return decide(bill, false, room); }

/// The cap lowered to max(8,192, a quarter of what is free), and refused where that does not fit.
Decision plain(const Bill& bill, const Room& room) {
  const Money output{std::max<std::int64_t>((room.free - bill.input).picousd, 0)};
  const std::int64_t cap =
      std::min(bill.cap, std::max<std::int64_t>(8'192, output.picousd / 4 / bill.output_rate));
  const Money worst = worst_case(bill, cap);
  if (worst <= room.free) return {Verdict::grant, cap};
  return {worst <= room.unspent ? Verdict::wait : Verdict::used_up, 0};
}

/// As plain, but takes whatever is free at the moment rather than wait.
Decision greedy(const Bill& bill, const Room& room) {
  const Decision first = plain(bill, room);
  if (first.verdict == Verdict::grant) return first;
  const std::int64_t cap = std::min(bill.cap, (room.free - bill.input).picousd / bill.output_rate);
  if (room.free > bill.input && cap >= bill.least_cap) return {Verdict::grant, cap};
  return decide(bill, true, room).verdict == Verdict::used_up ? Decision{Verdict::used_up, 0}
                                                              : Decision{Verdict::wait, 0};
}

Decision ours(const Bill& bill, const Room& room) { return decide(bill, true, room); }

constexpr std::int64_t input_rate = 3'000'000;  // 3 USD a million
constexpr std::int64_t write_rate = 3'750'000;  // the dearest class of input
constexpr std::int64_t cached_rate = 300'000;
constexpr std::int64_t output_rate = 15'000'000;  // 15 USD a million

/// What a kind of program sends: the tokens of its prompts, and how many of a hundred are cached.
struct Habit {
  const char* name;
  std::int64_t least_prompt, most_prompt, cached;
};

constexpr Habit chats{"chats", 200, 3'000, 0};
constexpr Habit coding{"coding", 5'000, 40'000, 90};

/// One request, and how it will turn out.
struct Turn {
  Bill bill;
  Money input_cost;
  std::int64_t output = 0;
  double seconds = 0;

  Money cost(std::int64_t cap) const {
    return input_cost + Money{std::min(output, cap) * output_rate};
  }
};

Turn any_turn(const Habit& habit, std::mt19937& dice) {
  Turn turn;
  const std::int64_t tokens =
      std::uniform_int_distribution(habit.least_prompt, habit.most_prompt)(dice);
  turn.bill.input = Money{tokens * 4 * write_rate};  // bounded by its bytes
  turn.bill.output_rate = output_rate;
  turn.bill.cap = 128'000;
  turn.bill.least_cap = 1'024;
  turn.input_cost = Money{tokens * habit.cached / 100 * cached_rate +
                          tokens * (100 - habit.cached) / 100 * input_rate};
  std::lognormal_distribution<double> answer(std::log(1'000.0), 0.9);
  turn.output = std::clamp<std::int64_t>(static_cast<std::int64_t>(answer(dice)), 1, 60'000);
  turn.seconds = 2 + static_cast<double>(turn.output) / 80;
  return turn;
}

struct Tally {
  double used = 0;           ///< Of the limit.
  double used_at_first = 0;  ///< When somebody first heard that it is used up.
  int requests = 0, lowered = 0, cut = 0, rate_limited = 0, given_up = 0;
};

/// Agents on one limit, until all have heard that it is used up. Times are seconds.
class Simulation {
 public:
  Simulation(const Policy& policy, const Habit& habit, int agents, Money limit)
      : policy_(policy), habit_(habit), limit_(limit), agents_(agents) {}

  Tally run() {
    for (int agent = 0; agent < agents_; ++agent) {
      const double begins = std::uniform_real_distribution<double>(0, 5)(dice_);
      at(begins, [this] { begin(); });
    }
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.time;
      event.what();
    }
    tally_.used = share();
    return tally_;
  }

 private:
  struct Event {
    double time;
    std::uint64_t number;
    std::function<void()> what;
    bool operator<(const Event& other) const {
      return std::tie(other.time, other.number) < std::tie(time, number);
    }
  };

  void at(double time, std::function<void()> what) {
    events_.push({time, ++number_, std::move(what)});
  }
  double share() const {
    return static_cast<double>(spent_.picousd) / static_cast<double>(limit_.picousd);
  }
  void begin() { ask(any_turn(habit_, dice_), 0, now_); }

  /// As the relay does: waits up to two seconds, then 429; agents try again up to ten times.
  void ask(const Turn& turn, int tries, double since) {
    const Room room{limit_, limit_ - spent_, limit_ - spent_ - reserved_};
    const Decision decision = policy_(turn.bill, room);
    if (decision.verdict == Verdict::grant) return go(turn, decision.cap);
    if (decision.verdict != Verdict::wait) {  // 402: the agent stops
      if (tally_.used_at_first == 0) tally_.used_at_first = share();
      return;
    }
    if (now_ < since + 2) return at(now_ + 0.1, [=, this] { ask(turn, tries, since); });
    ++tally_.rate_limited;
    if (tries < 10) return at(now_ + 1, [=, this] { ask(turn, tries + 1, now_); });
    ++tally_.given_up;
    at(now_ + 10, [this] { begin(); });
  }

  void go(const Turn& turn, std::int64_t cap) {
    const Money held = worst_case(turn.bill, cap);
    reserved_ += held;
    ++tally_.requests;
    tally_.lowered += cap < turn.bill.cap;
    tally_.cut += cap < turn.output;
    at(now_ + turn.seconds, [=, this] {
      reserved_ -= held;
      spent_ += turn.cost(cap);
      at(now_ + 1, [this] { begin(); });
    });
  }

  const Policy& policy_;
  const Habit& habit_;
  const Money limit_;
  std::mt19937 dice_{7};
  int agents_;
  Money spent_, reserved_;
  double now_ = 0;
  std::uint64_t number_ = 0;
  std::priority_queue<Event> events_;
  Tally tally_;
};

Money mean_cost(const Habit& habit) {
  std::mt19937 dice(1);
  Money sum;
  for (int i = 0; i < 10'000; ++i) sum += any_turn(habit, dice).cost(128'000);
  return {sum.picousd / 10'000};
}

void print(const std::string& name, const Habit& habit, int agents, int size, const Tally& tally) {
  const auto per_hundred = [&](int n) { return 100.0 * n / std::max(tally.requests, 1); };
  std::cout << fmt::format(
      "{:<10} {:<7} {:>6} {:>7}x {:>7.1f} {:>12.1f} {:>9} {:>9.1f} {:>7.2f} {:>9.1f} {:>8.2f}\n",
      name, habit.name, agents, size, 100 * tally.used, 100 * tally.used_at_first, tally.requests,
      per_hundred(tally.lowered), per_hundred(tally.cut), per_hundred(tally.rate_limited),
      per_hundred(tally.given_up));
}

TEST_CASE("agents that ask for far more than they use can use a limit up") {
  std::cout
      << "policy     load    agents    limit  used %  at 1st 402 %  requests lowered %   cut %  "
         "429s/100  given up/100\n";
  struct Load {
    const Habit& habit;
    int agents, size;
  };
  const std::pair<std::string, Policy> policies[] = {
      {"unclamped", unclamped}, {"plain", plain}, {"greedy", greedy}, {"ours", ours}};
  for (const Load& load :
       {Load{chats, 1, 200}, {chats, 20, 200}, {coding, 5, 1'000}, {coding, 20, 1'000}}) {
    for (const auto& [name, policy] : policies) {
      const Money limit{mean_cost(load.habit).picousd * load.size};
      const Tally tally = Simulation(policy, load.habit, load.agents, limit).run();
      print(name, load.habit, load.agents, load.size, tally);
      if (name == "ours") CHECK(tally.used >= 0.97);
    }
  }
}

}  // namespace
}  // namespace routerone::admission
