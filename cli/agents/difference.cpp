#include "cli/agents/difference.h"

#include <fmt/format.h>

#include <algorithm>

namespace routerone::cli {
namespace {

using Lines = std::vector<std::string_view>;
using Kind = DiffLine::Kind;

constexpr std::size_t context = 3;
/// Beyond it the middle is shown as wholly replaced: the table below would take too much memory.
constexpr std::size_t most_lines = 2'000;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Edit {
  Kind kind;
  std::string_view line;
};

/// The edits between two runs of lines, by their longest common subsequence.
std::vector<Edit> edits_between(const Lines& old, const Lines& fresh) {
  std::vector<Edit> edits;
  std::size_t i = 0, j = 0;
  if (old.size() <= most_lines && fresh.size() <= most_lines) {
    const std::size_t width = fresh.size() + 1;
    std::vector<std::size_t> common((old.size() + 1) * width, 0);
    for (std::size_t a = old.size(); a-- > 0;)
      for (std::size_t b = fresh.size(); b-- > 0;)
        common[a * width + b] =
            old[a] == fresh[b] ? common[(a + 1) * width + b + 1] + 1
                               : std::max(common[(a + 1) * width + b], common[a * width + b + 1]);
    while (i < old.size() && j < fresh.size()) {
      if (old[i] == fresh[j]) {
        edits.push_back({Kind::same, old[i]});
        ++i;
        ++j;
      } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) {
        edits.push_back({Kind::removed, old[i++]});
      } else {
        edits.push_back({Kind::added, fresh[j++]});
      }
    }
  }
  for (; i < old.size(); ++i) edits.push_back({Kind::removed, old[i]});
  for (; j < fresh.size(); ++j) edits.push_back({Kind::added, fresh[j]});
  return edits;
}

std::vector<Edit> all_edits(Lines old, Lines fresh) {
  std::size_t head = 0;
  while (head < std::min(old.size(), fresh.size()) && old[head] == fresh[head]) ++head;
  std::size_t tail = 0;
  while (tail < std::min(old.size(), fresh.size()) - head &&
         old[old.size() - 1 - tail] == fresh[fresh.size() - 1 - tail])
    ++tail;
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(head),
                 lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  std::vector<Edit> edits;
  for (std::size_t n = 0; n < head; ++n) edits.push_back({Kind::same, old[n]});
  for (const Edit& edit : edits_between(middle(old), middle(fresh))) edits.push_back(edit);
  for (std::size_t n = old.size() - tail; n < old.size(); ++n)
    edits.push_back({Kind::same, old[n]});
  return edits;
}

class Printer {
 public:
  explicit Printer(std::vector<Edit> edits) : edits_(std::move(edits)) {}

  std::vector<DiffLine> print() {
    std::size_t done = 0;
    for (std::size_t at = 0; at < edits_.size(); ++at) {
      if (edits_[at].kind == Kind::same) continue;
      const std::size_t from = at - std::min(at - done, context);
      const std::size_t last = end_of_hunk(at);
      hunk(from, std::min(last + context, edits_.size()));
      done = at = last;
    }
    return std::move(out_);
  }

 private:
  /// Behind the last change that is near enough to share its surroundings.
  std::size_t end_of_hunk(std::size_t at) const {
    std::size_t last = at + 1;
    for (; at < edits_.size() && at < last + 2 * context; ++at)
      if (edits_[at].kind != Kind::same) last = at + 1;
    return last;
  }

  void hunk(std::size_t from, std::size_t to) {
    const auto count = [&](std::size_t a, std::size_t b, Kind without) {
      return std::count_if(edits_.begin() + static_cast<std::ptrdiff_t>(a),
                           edits_.begin() + static_cast<std::ptrdiff_t>(b),
                           [&](const Edit& edit) { return edit.kind != without; });
    };
    const auto range = [&](Kind without) {
      const auto lines = count(from, to, without);
      return fmt::format("{},{}", count(0, from, without) + (lines > 0 ? 1 : 0), lines);
    };
    out_.push_back(
        {Kind::place, fmt::format("@@ -{} +{} @@", range(Kind::added), range(Kind::removed))});
    for (std::size_t at = from; at < to; ++at) line(edits_[at]);
  }

  void line(const Edit& edit) {
    std::string_view text = edit.line;
    const bool ended = text.ends_with('\n');
    if (ended) text.remove_suffix(1);
    const char mark = edit.kind == Kind::same ? ' ' : edit.kind == Kind::added ? '+' : '-';
    out_.push_back({edit.kind, fmt::format("{}{}", mark, text)});
    if (!ended) out_.push_back({edit.kind, "\\ No newline at end of file"});
  }

  std::vector<Edit> edits_;
  std::vector<DiffLine> out_;
};

}  // namespace

std::vector<DiffLine> difference(std::string_view before, std::string_view after) {
  return Printer(all_edits(lines_of(before), lines_of(after))).print();
}

}  // namespace routerone::cli
