#include "cli/commands/export_rows.h"

#include <array>

#include "cli/commands/views.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

/// Of a trace: names of the fields without parts of their own. New ones go to the end, since
/// spreadsheets know columns by their place.
constexpr std::array csv_fields = {"id",
                                   "time",
                                   "key",
                                   "project",
                                   "client",
                                   "session",
                                   "dialect",
                                   "operation",
                                   "stream",
                                   "route",
                                   "state",
                                   "status",
                                   "error",
                                   "finish_reason",
                                   "requested_model",
                                   "model",
                                   "provider",
                                   "upstream_model",
                                   "input_tokens",
                                   "output_tokens",
                                   "cache_read_tokens",
                                   "reasoning_tokens",
                                   "cache_write_tokens",
                                   "usage_source",
                                   "cost_usd",
                                   "cost_picousd",
                                   "price_source",
                                   "latency_ms",
                                   "ttft_ms",
                                   "overhead_us",
                                   "bytes_in",
                                   "bytes_out",
                                   "upstream_request_id"};

std::string csv_row(const Json& trace) {
  std::string row;
  for (const char* field : csv_fields) {
    if (field != csv_fields.front()) row += ',';
    // Amounts are texts in JSON, so that no reader rounds them; here they are numbers.
    const bool is_text = part_of(trace, field).is_string() && std::string_view(field) != "cost_usd";
    row += csv_field(text_of(trace, field), is_text);
  }
  return row;
}

std::string csv_heading() {
  std::string row;
  for (const char* field : csv_fields) row += (row.empty() ? "" : ",") + std::string(field);
  return row;
}

}  // namespace

Result<ExportFormat> parse_export_format(std::string_view word) {
  if (word == "csv") return ExportFormat::csv;
  if (word == "json") return ExportFormat::json;
  if (word == "jsonl") return ExportFormat::jsonl;
  return fail(ErrorKind::invalid, "--format does not know \"" + printable(word, 20) + "\"",
              "--format takes: csv, json, jsonl");
}

std::string csv_field(const std::string& text, bool is_text) {
  constexpr std::size_t longest_field = 1'000;
  std::string field = printable(text, longest_field);
  if (is_text && !field.empty() &&
      std::string_view("=+-@").find(field.front()) != std::string::npos)
    field.insert(0, "'");
  if (field.find_first_of(",\"") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

ExportWriter::ExportWriter(Output& out, ExportFormat format) : out_(out), format_(format) {
  if (format_ == ExportFormat::csv) out_.line(csv_heading() + Shown::carriage_return());
  if (format_ == ExportFormat::json) out_.line("[");
}

void ExportWriter::add(const Json& trace) {
  if (format_ == ExportFormat::csv)
    out_.line(csv_row(trace) + Shown::carriage_return());
  else
    out_.json_line(trace, format_ == ExportFormat::json && !first_ ? "," : "");
  first_ = false;
}

void ExportWriter::finish() {
  if (format_ == ExportFormat::json) out_.line("]");
}

}  // namespace routerone::cli
