#pragma once

#include <simdjson.h>

#include <array>
#include <string_view>

#include "daemon/dialect/dialect.h"
#include "daemon/dialect/json_scan.h"

namespace routerone::dialect {

/// What tells a dialect's whole answer from junk, and what else of it is looked at.
struct AnswerNames {
  std::string_view required;  ///< An answer without this member is none ...
  std::string_view or_else;   ///< ... unless it has this one.
  std::array<std::string_view, 3> extra = {};
  Usage (*read_usage)(simdjson::dom::element) = nullptr;
  std::string_view usage = "usage";
  std::string_view model = "model";
};

struct JudgedAnswer {
  Verdict verdict;
  /// Only of a 2xx that is a JSON object.
  Picked required;
  std::array<Picked, 3> extra = {};
};

/// Status, error bodies, junk in a 200, usage and model: what all dialects judge alike. A 200 is
/// checked whole, but nothing is built of it except its small parts.
JudgedAnswer judge_answer(const AnswerNames&, int status, http::Fields, std::string_view body);

}  // namespace routerone::dialect
