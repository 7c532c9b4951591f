#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <utility>
#include <vector>

#include "daemon/store/decision_fields.h"
#include "daemon/store/decision_json.h"
#include "daemon/store/json_quote.h"

namespace routerone::store {
namespace {

using namespace decision_fields;

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
  for (const auto part : names()) {
    out.name((*one.name).*part, before ? &((*before->name).*part) : nullptr);
  }
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

}  // namespace routerone::store
