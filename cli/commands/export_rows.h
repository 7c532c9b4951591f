#pragma once

#include <string>

#include "cli/terminal/output.h"
#include "common/json/json.h"

namespace routerone::cli {

enum class ExportFormat { csv, json, jsonl };

/// invalid for any other word.
Result<ExportFormat> parse_export_format(std::string_view word);

/// Writes traces one by one, and keeps none of them.
class ExportWriter {
 public:
  /// Writes what comes before the first one.
  ExportWriter(Output&, ExportFormat);

  void add(const Json& trace);
  void finish();  ///< What comes behind the last one.

 private:
  Output& out_;
  ExportFormat format_;
  bool first_ = true;
};

/// A field of a CSV row: cleaned as all that is shown, then safe from a spreadsheet that would take
/// it for a formula if it is a text, then quoted where RFC 4180 says so.
std::string csv_field(const std::string& text, bool is_text);

}  // namespace routerone::cli
