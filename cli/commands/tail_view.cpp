#include "cli/commands/tail_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "cli/commands/trace_view.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"
#include "cli/terminal/width.h"

namespace routerone::cli {
namespace {

constexpr std::size_t gap = 2;
constexpr std::int64_t dollar = 1'000'000'000'000;

Shown time_piece(const Json& trace) {
  return {local_time_of_day(text_of(trace, "time")), Color::dim};
}

Shown status_piece(const Json& trace) {
  const std::int64_t status = whole_of(trace, "status");
  return {std::to_string(status), status_color(status)};
}

/// A dime is worth a look, a dollar is worth a question.
Shown cost_piece(const Json& trace) {
  if (!part_of(trace, "cost_picousd").is_number_integer()) return {"unknown", Color::yellow};
  const Money cost{whole_of(trace, "cost_picousd")};
  const Color color = cost.picousd >= dollar        ? Color::red
                      : cost.picousd >= dollar / 10 ? Color::yellow
                                                    : Color::none;
  return {short_usd(cost), color};
}

/// Half a minute is long, ten seconds are noticed.
Shown took_piece(const Json& trace) {
  const Json& millis = part_of(trace, "latency_ms");
  if (!millis.is_number()) return "-";
  const auto took = millis.get<double>();
  const Color color = took >= 30'000 ? Color::red : took >= 10'000 ? Color::yellow : Color::none;
  return {short_duration(took), color};
}

Shown count_piece(const Json& trace, const char* field) {
  const std::string shown = count_cell(trace, field).shown;
  return shown.empty() ? "-" : shown;
}

Shown input_piece(const Json& trace) { return count_piece(trace, "input_tokens"); }
Shown output_piece(const Json& trace) { return count_piece(trace, "output_tokens"); }
Shown key_piece(const Json& trace) { return text_of(trace, "key"); }
Shown model_piece(const Json& trace) { return model_of(trace); }
Shown provider_piece(const Json& trace) { return text_of(trace, "provider"); }
Shown id_piece(const Json& trace) { return {short_id(trace), Color::dim}; }

/// What is not as it usually is.
Shown note_piece(const Json& trace) {
  if (const std::string error = text_of(trace, "error"); !error.empty()) return {error, Color::red};
  const std::string state = text_of(trace, "state");
  if (state != "completed") return {state, Color::yellow};
  const std::string from = text_of(part_of(trace, "fallback"), "from");
  return from.empty() ? Shown() : Shown("instead of " + from, Color::yellow);
}

struct TailColumn {
  const char* title;
  std::size_t width;
  bool right;
  Shown (*piece)(const Json& trace);
};

constexpr std::array<TailColumn, 11> all_columns = {{{"TIME", 8, false, time_piece},
                                                     {"STATUS", 6, true, status_piece},
                                                     {"COST", 8, true, cost_piece},
                                                     {"TOOK", 7, true, took_piece},
                                                     {"KEY", 10, false, key_piece},
                                                     {"MODEL", 22, false, model_piece},
                                                     {"IN", 6, true, input_piece},
                                                     {"OUT", 6, true, output_piece},
                                                     {"PROVIDER", 12, false, provider_piece},
                                                     {"ID", 18, false, id_piece},
                                                     {"NOTE", 24, false, note_piece}}};
enum Place : std::size_t { time, status, cost, took, key, model, in, out, provider, id, note };

/// The columns that fit, and how wide the last and the model are then.
struct Layout {
  std::array<std::size_t, all_columns.size()> width{};  ///< 0: left out.

  explicit Layout(int columns) {
    const auto line = static_cast<std::size_t>(std::max(columns, 1));
    std::size_t used = 0;
    const auto take = [&](Place place, std::size_t wide) {
      const std::size_t more = wide + (used == 0 ? 0 : gap);
      if (used + more > line) return;
      width[place] = wide;
      used += more;
    };
    // In the order in which one would miss them; the model takes less where it is narrow.
    constexpr std::size_t least_model = 12;
    const std::size_t first = 8 + 6 + 8 + 3 * gap;
    take(time, all_columns[time].width);
    take(status, all_columns[status].width);
    take(model, std::clamp(line > first ? line - first : 0, least_model, all_columns[model].width));
    for (const Place place : {cost, took, key, out, in, provider, id, note})
      take(place, all_columns[place].width);
    if (width[note] > 0 || width[model] > 0) width[width[note] > 0 ? note : model] += line - used;
  }
};

Shown line_of(int columns, const std::function<Shown(const TailColumn&)>& piece) {
  const Layout layout(columns);
  Shown line;
  std::size_t owed = 0;  // Spaces before the next column; none are left at the end of a line.
  for (std::size_t i = 0; i < all_columns.size(); ++i) {
    const std::size_t wide = layout.width[i];
    if (wide == 0) continue;
    const Shown text = piece(all_columns[i]).cut(wide);
    if (text.empty()) {
      owed += wide + gap;
      continue;
    }
    const std::size_t rest = wide - text.width();
    line += Shown::spaces(owed + (all_columns[i].right ? rest : 0)) + text;
    owed = gap + (all_columns[i].right ? 0 : rest);
  }
  return line;
}

}  // namespace

Shown tail_heading(int width) {
  return line_of(width, [](const TailColumn& column) { return Shown(column.title, Color::bold); });
}

Shown tail_row(const Json& trace, int width) {
  return line_of(width, [&](const TailColumn& column) { return column.piece(trace); });
}

void TailTotal::add(const Json& trace) {
  ++requests_;
  const std::int64_t status = whole_of(trace, "status");
  if (status >= 400 || status == 0) ++errors_;
  if (part_of(trace, "cost_picousd").is_number_integer())
    cost_ += Money{whole_of(trace, "cost_picousd")};
  else
    ++unknown_;
  for (const char* field : {"input_tokens", "cache_read_tokens", "cache_write_tokens"})
    input_ += whole_of(trace, field);
  output_ += whole_of(trace, "output_tokens");
}

Shown TailTotal::words() const {
  Shown words = fmt::format("{} {}, {}", requests_, requests_ == 1 ? "request" : "requests",
                            short_usd(cost_));
  if (unknown_ > 0) words += fmt::format(" and {} of unknown cost", unknown_);
  words += fmt::format(", {} tokens in, {} out", short_count(input_), short_count(output_));
  if (errors_ > 0) words += ", " + Shown(fmt::format("{} failed", errors_), Color::red);
  return words;
}

}  // namespace routerone::cli
