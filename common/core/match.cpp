#include <algorithm>
#include <numeric>
#include <tuple>

#include "common/core/text.h"

namespace routerone {
namespace {

constexpr std::size_t longest_compared = 128;  // keeps the quadratic comparison small

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Levenshtein's distance with one row of the table.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

struct Likeness {
  std::size_t distance = 0;
  std::size_t prefix = 0;
  bool alike = false;
};

Likeness compare(std::string_view wanted, std::string_view candidate) {
  const auto differ =
      std::mismatch(wanted.begin(), wanted.end(), candidate.begin(), candidate.end());
  const auto longer = std::max(wanted.size(), candidate.size());
  Likeness found{edit_distance(wanted, candidate),
                 static_cast<std::size_t>(differ.first - wanted.begin()), false};
  const bool contains =
      wanted.size() >= 3 && candidate.size() >= 3 &&
      (candidate.find(wanted) != candidate.npos || wanted.find(candidate) != wanted.npos);
  found.alike = contains || (found.distance * 2 <= longer && found.distance < longer);
  return found;
}

/// Names of models are `lab/slug`; people often leave the lab out, so the slug counts by itself.
Likeness likeness(std::string_view wanted, std::string_view candidate) {
  const Likeness whole = compare(wanted, candidate);
  const auto slash = candidate.find('/');
  if (slash == candidate.npos || wanted.find('/') != wanted.npos) return whole;
  const Likeness slug = compare(wanted, candidate.substr(slash + 1));
  return slug.alike && (!whole.alike || slug.distance < whole.distance) ? slug : whole;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = pattern.npos, resume = 0;  // where to go on if this guess of `*` fails
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      do ++t;
      while (t < text.size() && continues_character(text[t]));
    } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> nearest(std::string_view wanted, std::span<const std::string> candidates,
                                 std::size_t most) {
  const std::string asked = lower(wanted.substr(0, longest_compared));
  std::vector<std::pair<Likeness, const std::string*>> ranked;
  for (const auto& candidate : candidates) {
    const Likeness found =
        likeness(asked, lower(std::string_view(candidate).substr(0, longest_compared)));
    if (found.alike) ranked.emplace_back(found, &candidate);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first.distance, b.first.prefix) <
           std::tuple(b.first.distance, a.first.prefix);
  });
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(most, ranked.size()); ++i)
    names.push_back(*ranked[i].second);
  return names;
}

}  // namespace routerone
