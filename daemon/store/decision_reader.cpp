#include <charconv>
#include <concepts>
#include <utility>
#include <vector>

#include "daemon/exchange/health_name.h"
#include "daemon/store/decision_fields.h"
#include "daemon/store/decision_json.h"
#include "daemon/store/json_quote.h"

namespace routerone::store {
namespace {

using namespace decision_fields;

/// Reads what decision_text wrote, and nothing else. Once something is wrong, all is.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return sound_ && rest_.empty(); }
  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  void expect(std::string_view literal) { sound_ = take(literal) && sound_; }

  /// `[one,one,..]` of any length; `one` reads an entry.
  template <class One>
  void list(One one) {
    expect("[");
    if (take("]")) return;
    do one();
    while (sound_ && take(","));
    expect("]");
  }
  template <class Number>
  void number(Number& out) {
    const bool quoted = std::floating_point<Number> && take("\"");
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (problem != std::errc()) return fail();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (quoted) expect("\"");
  }
  void number(std::optional<double>& out) {
    if (!take("null")) number(out.emplace());
  }
  void text(std::string& out) {
    auto text = take_quoted(rest_);
    if (!text) return fail();
    out = *std::move(text);
  }
  void name(std::string& out, const std::string* before) {
    if (!before || !take("0")) return text(out);
    out = *before;
  }

  void fail() { sound_ = false; }

 private:
  std::string_view rest_;
  bool sound_ = true;
};

void read(Reader& in, DecidedCandidate& one, const DecidedCandidate* before) {
  in.expect("[");
  TargetName name;
  for (const auto part : names()) {
    in.name(name.*part, before ? &((*before->name).*part) : nullptr);
    in.expect(",");
  }
  one.name = name_target(std::move(name));
  const auto next = [&in](auto& value) {
    in.number(value);
    in.expect(",");
  };
  Standpoint& point = one.point;
  int flags = 0;
  next(one.tier);
  next(flags);
  one.out = (flags & is_out) != 0;
  point.trial = (flags & may_be_tried) != 0;
  point.reserve = (flags & is_reserve) != 0;
  next(point.seconds);
  next(point.dollars);
  next(point.quality);
  next(point.failure_share);
  next(point.headroom);
  next(point.in_flight);
  next(point.share);
  for (const auto term : terms()) {
    in.number(one.score.*term);
    in.expect(term == terms().back() ? "]" : ",");
  }
}

void read(Reader& in, Exclusion& one, const Exclusion* before) {
  in.expect("[");
  for (const auto word : words()) {
    in.name(one.*word, before ? &(before->*word) : nullptr);
    in.expect(word == words().back() ? "]" : ",");
  }
}

template <class Entry>
void read_entries(Reader& in, std::vector<Entry>& out, std::size_t most) {
  in.list([&] {
    if (out.size() == most) return in.fail();  // more than was ever written
    Entry next;
    read(in, next, out.empty() ? nullptr : &out.back());
    out.push_back(std::move(next));
  });
}

void read_order(Reader& in, Decision& decision) {
  in.list([&] {
    std::size_t place = 0;
    in.number(place);
    if (place >= decision.candidates.size()) in.fail();
    decision.order.push_back(place);
  });
}

void read_weights(Reader& in, RouteWeights& weights) {
  in.expect("[");
  in.number(weights.latency);
  in.expect(",");
  in.number(weights.cost);
  in.expect(",");
  in.number(weights.quality);
  in.expect("]");
}

}  // namespace

std::optional<KeptDecision> decision_of(std::string_view text) {
  Reader in(text);
  KeptDecision kept;
  Decision& decision = kept.decision;
  in.expect(R"({"w":)");
  read_weights(in, decision.weights);
  in.expect(R"(,"d":)");
  in.number(decision.dice);
  if (in.take(R"(,"s":)")) in.text(decision.sticky);
  decision.trial = in.take(R"(,"t":1)");
  decision.sorted = in.take(R"(,"e":1)");
  in.expect(R"(,"c":)");
  read_entries(in, decision.candidates, most_candidates_kept);
  in.expect(R"(,"o":)");
  read_order(in, decision);
  if (in.take(R"(,"x":)")) read_entries(in, decision.excluded, most_exclusions_kept);
  if (in.take(R"(,"n":[)")) {
    in.number(kept.candidates_left_out);
    in.expect(",");
    in.number(kept.exclusions_left_out);
    in.expect("]");
  }
  in.expect("}");
  return in.at_end() ? std::optional(std::move(kept)) : std::nullopt;
}

}  // namespace routerone::store
