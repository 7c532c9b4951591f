#include "daemon/control/exposition.h"

#include <fmt/format.h>

#include "common/core/text.h"
#include "daemon/control/request_counts.h"

namespace routerone::control {
namespace {

constexpr std::size_t longest_value = 200;

/// Printable first, so that no control character or broken UTF-8 is left to escape.
std::string escaped(std::string_view untrusted) {
  std::string out;
  for (const char c : printable(untrusted, longest_value)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

void Exposition::family(std::string_view name, Kind kind, std::string_view help) {
  constexpr const char* words[] = {"counter", "gauge", "histogram"};
  name_ = name;
  out_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help,
                      words[static_cast<std::size_t>(kind)]);
}

void Exposition::sample(Labels labels, std::string_view value) { line("", labels, "", "", value); }

void Exposition::samples(Labels labels, const Histogram& histogram) {
  std::uint64_t so_far = 0;
  std::size_t bucket = 0;
  for (const auto edge : histogram.edges()) {
    so_far += histogram.counts()[bucket++];
    line("_bucket", labels, "le", seconds_text(edge.count()), std::to_string(so_far));
  }
  so_far += histogram.counts()[bucket];
  line("_bucket", labels, "le", "+Inf", std::to_string(so_far));
  line("_sum", labels, "", "", seconds_text(histogram.sum().count()));
  line("_count", labels, "", "", std::to_string(so_far));
}

void Exposition::line(std::string_view suffix, Labels labels, std::string_view more_name,
                      std::string_view more_value, std::string_view value) {
  (out_ += name_) += suffix;
  char before = '{';
  const auto label = [&](std::string_view name, std::string_view text) {
    out_ += fmt::format("{}{}=\"{}\"", before, name, escaped(text));
    before = ',';
  };
  for (const auto& [name, text] : labels) label(name, text);
  if (!more_name.empty()) label(more_name, more_value);
  if (before == ',') out_ += '}';
  out_ += fmt::format(" {}\n", value);
}

std::string seconds_text(std::int64_t micros) {
  constexpr std::int64_t million = 1'000'000;
  if (micros < 0) return "0";
  std::string text = fmt::format("{}.{:06}", micros / million, micros % million);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace routerone::control
