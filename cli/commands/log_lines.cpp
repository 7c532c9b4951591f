#include "cli/commands/log_lines.h"

#include <fmt/format.h>

#include <array>

#include "cli/commands/views.h"
#include "common/control/contract.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::array<const char*, 5> words = {"trace", "debug", "info", "warning", "error"};
constexpr int json_depth = 4;

std::string with_details(const Json& object) {
  std::string text = text_of(object, "message");
  for (const auto& [name, value] : object.items())
    if (name != "time" && name != "level" && name != "message" && value.is_string())
      text += fmt::format(" {}=\"{}\"", name, value.get<std::string>());
  return text;
}

std::optional<LogLine> read_json_line(const std::string& line) {
  if (!line.starts_with('{')) return std::nullopt;
  const auto object = parse_json(line, json_depth);
  if (!object || !object->is_object()) return std::nullopt;
  const auto level = parse_log_level(text_of(*object, "level"));
  if (!level) return std::nullopt;
  return LogLine{text_of(*object, "time"), *level, with_details(*object)};
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view word) {
  if (word == "warn") word = "warning";
  for (std::size_t i = 0; i < words.size(); ++i)
    if (word == words[i]) return static_cast<LogLevel>(i);
  return fail(ErrorKind::invalid, fmt::format("there is no log level \"{}\"", printable(word, 40)),
              "--level takes: debug, info, warning, error");
}

LogLine read_log_line(const std::string& line) {
  if (auto json = read_json_line(line)) return *std::move(json);
  const auto time_end = line.find(' ');
  const auto level_end = time_end == line.npos ? line.npos : line.find(' ', time_end + 1);
  if (level_end == line.npos) return {"", LogLevel::error, line};
  const auto level =
      parse_log_level(std::string_view(line).substr(time_end + 1, level_end - time_end - 1));
  if (!level || !parse_rfc3339(std::string_view(line).substr(0, time_end)))
    return {"", LogLevel::error, line};
  return {line.substr(0, time_end), *level, line.substr(level_end + 1)};
}

Json to_json(const LogLine& line) {
  Json out = Json::object();
  out["schema"] = control::schema_version;
  out["time"] = line.time.empty() ? Json(nullptr) : Json(line.time);
  out["level"] = words[static_cast<std::size_t>(line.level)];
  out["text"] = line.text;
  return out;
}

Result<WallTime> parse_moment(const std::string& text, WallTime now) {
  if (const auto ago = parse_duration(text)) return now - *ago;
  if (const auto at = parse_rfc3339(text)) return *at;
  if (const auto day = parse_rfc3339(text + "T00:00:00Z")) return *day;
  return fail(ErrorKind::invalid, fmt::format("\"{}\" is no time", printable(text, 40)),
              "write how long ago (2h, 7d), a date (2026-11-20) or RFC 3339");
}

bool LogFilter::takes(const LogLine& line) {
  if (const auto at = parse_rfc3339(line.time)) late_enough_ = !since_ || *at >= *since_;
  return (late_enough_ || !since_) && line.level >= least_;
}

}  // namespace routerone::cli
