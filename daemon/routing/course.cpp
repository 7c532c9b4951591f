#include "daemon/routing/course.h"

#include <algorithm>
#include <utility>

#include "daemon/routing/no_target.h"

namespace routerone::routing {
namespace {

/// A name with one of these behind it asks for the model in a way of its own.
struct Suffix {
  std::string_view word;
  void (*apply)(RouteWords&);
};
constexpr Suffix suffixes[] = {
    {":floor", [](RouteWords& words) { words.sort = RouteWords::Sort::price; }},
    {":nitro", [](RouteWords& words) { words.sort = RouteWords::Sort::throughput; }},
    {":free", [](RouteWords& words) { words.max_prompt = words.max_completion = 0; }},
};

bool is_same(const Resolved& a, const Resolved& b) {
  return a.model == b.model && a.pinned == b.pinned;
}

bool stands_in(const Course& course, const Resolved& model) {
  return std::any_of(course.steps.begin(), course.steps.end(),
                     [&](const Step& step) { return is_same(*step.model, model); });
}

}  // namespace

Courses::Courses(const NameTable& names, const ControlData& data) : names_(names) {
  for (const CandidatesRecord& record : data.candidates) {
    List& list = lists_.emplace_back();
    list.name = record.name == "auto" ? record.name : "auto:" + record.name;
    for (const std::string& name : record.models) {
      auto resolved = names_.resolve(name);
      const auto is_it = [&](const Resolved& one) { return is_same(one, *resolved); };
      if (resolved && std::none_of(list.models.begin(), list.models.end(), is_it))
        list.models.push_back(*std::move(resolved));
    }
  }
  for (const FallbackRecord& fallback : data.fallbacks) {
    fallbacks_.emplace(fallback.model, fallback.chain);
  }
}

/// Null: no such list.
const Courses::List* Courses::list_of(std::string_view name) const {
  const auto found =
      std::find_if(lists_.begin(), lists_.end(), [&](const List& one) { return one.name == name; });
  return found == lists_.end() ? nullptr : &*found;
}

void Courses::add_step(std::string_view name, int position, Course& course) const {
  auto resolved = names_.resolve(name);
  if (!resolved || stands_in(course, *resolved)) return;
  course.resolved.push_back(*std::move(resolved));
  course.steps.push_back({&course.resolved.back(), position});
}

void Courses::add_steps(std::string_view name, Course& course) const {
  if (const List* const list = is_alias(name) ? nullptr : list_of(name)) {
    course.chosen = true;
    course.steps.reserve(list->models.size());
    const bool first = course.steps.empty();  // none stands twice in a list
    for (const Resolved& model : list->models) {
      if (first || !stands_in(course, model)) course.steps.push_back({&model, 0});
    }
  } else {
    add_step(name, 0, course);
  }
}

bool Courses::is_alias(std::string_view name) const {
  const auto& aliases = names_.user_aliases();
  return std::find(aliases.begin(), aliases.end(), name) != aliases.end();
}

/// The name without the suffix that it has; what the suffix says is added to the words. A name that
/// somebody gave as a whole is taken as it is, but a provider's own id is not: no provider knows
/// the suffix of a model that it shares with others.
std::string_view Courses::without_suffix(std::string_view name, RouteWords& words) const {
  const auto is_named = [&](std::string_view one) {
    if (is_alias(one) || list_of(one) != nullptr) return true;
    const auto resolved = names_.resolve(one);
    return resolved && resolved->served != nullptr;
  };
  for (const Suffix& suffix : suffixes) {
    if (!name.ends_with(suffix.word)) continue;
    const std::string_view plain = name.substr(0, name.size() - suffix.word.size());
    if (is_named(name) || !is_named(plain)) return name;
    suffix.apply(words);
    return plain;
  }
  return name;
}

tl::expected<Course, Refusal> Courses::of(std::string_view model, const RouteWords* words,
                                          const Allowance& allowance) const {
  Course course;
  if (words != nullptr) course.words = *words;
  add_steps(without_suffix(model, course.words), course);
  int position = 0;
  for (const std::string& other : course.words.models) add_step(other, ++position, course);
  if (course.steps.empty()) {
    std::vector<std::string> lists;
    for (const List& list : lists_) lists.push_back(list.name);
    return tl::unexpected(explain_missing(names_, model, allowance, lists));
  }
  if (course.chosen || position > 0) return course;
  const auto chain = fallbacks_.find(course.steps.front().model->model);
  if (chain == fallbacks_.end()) return course;
  for (const std::string& next : chain->second) add_step(next, ++position, course);
  return course;
}

}  // namespace routerone::routing
