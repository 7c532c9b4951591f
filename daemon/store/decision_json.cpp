#include "daemon/store/decision_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <utility>
#include <vector>

#include "daemon/store/json_quote.h"

// {"w":[latency,cost,quality],"d":dice,"s":"sticky","t":trial,"e":sorted,"c":[candidate,..],"o":[place,..],
//  "x":[[model,provider,reason],..],"n":[candidates left out,exclusions left out]}
// candidate: [provider,account,model,upstream_model,tier,flags,seconds,dollars,quality,
//             failure_share,headroom,in_flight,share,latency,cost,quality,health,total]
namespace routerone::store {
namespace {

constexpr int is_out = 1, may_be_tried = 2, is_reserve = 4;

std::array<std::string DecidedCandidate::*, 4> names() {
  return {&DecidedCandidate::provider, &DecidedCandidate::account, &DecidedCandidate::model,
          &DecidedCandidate::upstream_model};
}
std::array<std::string Exclusion::*, 3> words() {
  return {&Exclusion::model, &Exclusion::provider, &Exclusion::reason};
}
std::array<double Score::*, 5> terms() {
  return {&Score::latency, &Score::cost, &Score::quality, &Score::health, &Score::total};
}

/// Puts the commas.
class Writer {
 public:
  Writer& field(const char* name) {
    comma();
    out_ += name;
    first_ = true;
    return *this;
  }
  Writer& open() {
    comma();
    out_ += '[';
    first_ = true;
    return *this;
  }
  Writer& close() {
    out_ += ']';
    first_ = false;
    return *this;
  }
  Writer& number(std::integral auto value) {
    comma();
    return append(value);
  }
  Writer& number(double value) {
    comma();
    if (std::isfinite(value)) return append(value);
    out_ += '"';  // JSON has no number for it
    append(value);
    out_ += '"';
    return *this;
  }
  Writer& number(const std::optional<double>& value) {
    if (value) return number(*value);
    comma();
    out_ += "null";
    return *this;
  }
  Writer& text(const std::string& text) {
    comma();
    append_quoted(out_, text);
    return *this;
  }
  /// 0: as `before`.
  Writer& name(const std::string& name, const std::string* before) {
    return before && *before == name ? number(0) : text(name);
  }
  std::string done() { return std::move(out_) + "}"; }

 private:
  void comma() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  template <class Number>
  Writer& append(Number value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
    return *this;
  }

  std::string out_ = "{";
  bool first_ = true;
};

void write(Writer& out, const DecidedCandidate& one, const DecidedCandidate* before) {
  out.open();
  for (const auto name : names()) out.name(one.*name, before ? &(before->*name) : nullptr);
  const Standpoint& point = one.point;
  out.number(one.tier).number((one.out ? is_out : 0) | (point.trial ? may_be_tried : 0) |
                              (point.reserve ? is_reserve : 0));
  out.number(point.seconds).number(point.dollars).number(point.quality);
  out.number(point.failure_share).number(point.headroom).number(point.in_flight);
  out.number(point.share);
  for (const auto term : terms()) out.number(one.score.*term);
  out.close();
}

void write(Writer& out, const Exclusion& one, const Exclusion* before) {
  out.open();
  for (const auto word : words()) out.name(one.*word, before ? &(before->*word) : nullptr);
  out.close();
}

/// Which candidates are kept, in their own order.
std::vector<std::size_t> kept_of(const Decision& decision) {
  const std::size_t count = decision.candidates.size();
  std::vector<std::size_t> kept;
  std::vector<bool> has(count);
  const auto keep = [&](std::size_t i) {
    if (i >= count || has[i] || kept.size() == most_candidates_kept) return;
    has[i] = true;
    kept.push_back(i);
  };
  for (const std::size_t i : decision.order) keep(i);
  for (std::size_t i = 0; i < count; ++i) keep(i);
  std::sort(kept.begin(), kept.end());
  return kept;
}

/// Reads what Writer wrote, and nothing else. Once something is wrong, all is.
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
  for (const auto name : names()) {
    in.name(one.*name, before ? &(before->*name) : nullptr);
    in.expect(",");
  }
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

void write_order(Writer& out, const Decision& decision, const std::vector<std::size_t>& kept) {
  out.field(R"("o":)").open();
  for (const std::size_t i : decision.order) {
    const auto place = std::lower_bound(kept.begin(), kept.end(), i);
    if (place != kept.end() && *place == i) out.number(place - kept.begin());
  }
  out.close();
}

void write_excluded(Writer& out, const std::vector<Exclusion>& excluded) {
  if (excluded.empty()) return;
  out.field(R"("x":)").open();
  const std::size_t kept = std::min(excluded.size(), most_exclusions_kept);
  for (std::size_t i = 0; i < kept; ++i)
    write(out, excluded[i], i > 0 ? &excluded[i - 1] : nullptr);
  out.close();
}

}  // namespace

std::string decision_text(const Decision& decision) {
  Writer out;
  const RouteWeights& weights = decision.weights;
  out.field(R"("w":)").open().number(weights.latency).number(weights.cost).number(weights.quality);
  out.close().field(R"("d":)").number(decision.dice);
  if (!decision.sticky.empty()) out.field(R"("s":)").text(decision.sticky);
  if (decision.trial) out.field(R"("t":)").number(1);
  if (decision.sorted) out.field(R"("e":)").number(1);
  const std::vector<std::size_t> kept = kept_of(decision);
  const DecidedCandidate* before = nullptr;
  out.field(R"("c":)").open();
  for (const std::size_t i : kept) {
    write(out, decision.candidates[i], before);
    before = &decision.candidates[i];
  }
  out.close();
  write_order(out, decision, kept);
  write_excluded(out, decision.excluded);
  const std::size_t excluded = std::min(decision.excluded.size(), most_exclusions_kept);
  if (kept.size() < decision.candidates.size() || excluded < decision.excluded.size()) {
    out.field(R"("n":)").open().number(decision.candidates.size() - kept.size());
    out.number(decision.excluded.size() - excluded).close();
  }
  return out.done();
}

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
