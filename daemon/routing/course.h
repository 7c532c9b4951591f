#pragma once

#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/exchange/control_data.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/route_words.h"
#include "daemon/routing/allowance.h"
#include "daemon/routing/contenders.h"
#include "daemon/routing/name_table.h"

namespace routerone::routing {

/// What a request's name and words lead to.
struct Course {
  std::vector<Step> steps;
  std::list<Resolved> resolved;  // what steps point at, but for those of a user's list
  RouteWords words;
  bool chosen = false;  ///< We choose the model.
};

/// What names lead to: models, lists of candidates, the suffixes behind both, and who stands in.
/// Made once from what the user has set, then only read.
class Courses {
 public:
  /// `names` outlives it.
  Courses(const NameTable& names, const ControlData&);
  Courses(const Courses&) = delete;
  Courses& operator=(const Courses&) = delete;

  /// Refused where a name leads nowhere. What it points at lives as long as this and the course.
  tl::expected<Course, Refusal> of(std::string_view model, const RouteWords*,
                                   const Allowance&) const;
  /// Does the name leave it to us which model serves?
  bool is_choice(std::string_view model) const { return list_of(model) != nullptr; }

  /// A list of candidates, as it is asked for, and its models.
  struct List {
    std::string name;
    std::vector<Resolved> models;
  };
  const std::vector<List>& lists() const { return lists_; }

 private:
  const List* list_of(std::string_view name) const;
  bool is_alias(std::string_view name) const;
  std::string_view without_suffix(std::string_view name, RouteWords&) const;
  void add_steps(std::string_view name, Course&) const;
  void add_step(std::string_view name, int position, Course&) const;

  const NameTable& names_;
  std::map<std::string, std::vector<std::string>, std::less<>> fallbacks_;
  std::vector<List> lists_;
};

}  // namespace routerone::routing
