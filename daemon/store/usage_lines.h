#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/core/result.h"
#include "daemon/store/trace_store.h"
#include "daemon/store/usage_sums.h"

namespace routerone::store {

/// Half open, in microseconds since 1970.
struct TimeRange {
  std::int64_t from = 0, until = 0;
};

/// What usage can be grouped by: of a request, the first four of a roll-up too; and of its time.
enum class Grouping { model, key, project, provider, session, client, day, hour };
inline constexpr std::size_t label_count = 6;
/// The first six, as they stand in a row or a roll-up.
using UsageLabels = std::array<std::string, label_count>;

/// The lines of an answer while they are added up.
class UsageLines {
 public:
  /// `range` is what its parts are parts of. `invalid`: grouped by what there is not.
  static Result<UsageLines> make(const UsageQuery&, TimeRange range);

  bool by(Grouping) const;
  bool by_time() const { return by(Grouping::day) || by(Grouping::hour); }
  bool by_labels() const;
  std::size_t size() const { return lines_.size(); }

  struct Line {
    UsageSums sums;
    std::vector<UsagePart> parts;
  };
  /// The line of those labels at that time; stays where it is.
  Line& at(const UsageLabels&, std::int64_t time);
  /// The same for a roll-up of that number, whose labels are always the same.
  Line& at(std::int64_t whose, const UsageLabels&, std::int64_t time);
  void add(Line&, const UsageSums&, TimeRange when);
  void add(Line&, const UsageFacts&, std::int64_t time);

  /// What `all` has, beyond what is here, goes to the lines without session and client.
  void add_rest_of(const UsageLines& all);

  std::vector<UsageLine> finish() &&;

 private:
  using Group = std::vector<std::string>;
  std::map<Group, UsageSums> without_rows() const;
  std::string time_label(Grouping, std::int64_t time) const;
  void find_time(std::int64_t time);
  Group group_of(const UsageLabels&) const;
  void add_parts(Line&, const UsagePart&, TimeRange when);
  std::size_t part_of(std::int64_t time) const;
  std::int64_t part_start(std::size_t part) const;

  std::vector<Grouping> by_;
  std::function<std::chrono::seconds(WallTime)> offset_;
  std::size_t parts_ = 0;
  TimeRange range_;
  std::map<Group, Line> lines_;

  // Where the last one went: rows and roll-ups come in the order of time.
  std::int64_t quarter_ = INT64_MIN;
  std::string day_, hour_;
  std::unordered_map<std::int64_t, Line*> of_group_;
  UsageLabels last_labels_;
  Line* last_line_ = nullptr;
};

}  // namespace routerone::store
