#include "cli/terminal/shown.h"

#include "cli/terminal/width.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

/// Far more than anything we print on one line; a line of gigabytes helps nobody.
constexpr std::size_t longest_piece = 1 << 16;

std::string_view code(Color color) {
  switch (color) {
    case Color::none:
      return "";
    case Color::red:
      return "\x1b[31m";
    case Color::green:
      return "\x1b[32m";
    case Color::yellow:
      return "\x1b[33m";
    case Color::cyan:
      return "\x1b[36m";
    case Color::dim:
      return "\x1b[2m";
    case Color::bold:
      return "\x1b[1m";
  }
  return "";
}

}  // namespace

Shown::Shown(std::string_view untrusted, Color color) {
  if (!untrusted.empty()) pieces_.push_back({printable(untrusted, longest_piece), color});
}

Shown Shown::lines(std::string_view text, Color color) {
  Shown out;
  bool first = true;
  for (const std::string_view line : split(text, '\n')) {
    if (!first) out += Shown(Piece{"\n", Color::none});
    first = false;
    out += Shown(line, color);
  }
  return out;
}

Shown Shown::tab() { return Shown(Piece{"\t", Color::none}); }

Shown Shown::carriage_return() { return Shown(Piece{"\r", Color::none}); }

Shown Shown::spaces(std::size_t count) {
  return count == 0 ? Shown() : Shown(Piece{std::string(count, ' '), Color::none});
}

Shown& Shown::operator+=(const Shown& more) {
  pieces_.insert(pieces_.end(), more.pieces_.begin(), more.pieces_.end());
  return *this;
}

std::size_t Shown::width() const {
  std::size_t sum = 0;
  for (const Piece& piece : pieces_) sum += shown_width(piece.text);
  return sum;
}

Shown Shown::cut(std::size_t most) const {
  if (width() <= most) return *this;
  Shown out;
  for (const Piece& piece : pieces_) {
    const std::size_t wide = shown_width(piece.text);
    // The last column is kept for the mark, since more comes or this piece is cut itself.
    if (wide + 1 > most) {
      out += Shown(Piece{cut_to(piece.text + "~", most), piece.color});
      break;
    }
    out += Shown(piece);
    most -= wide;
  }
  return out;
}

std::string Shown::bytes(bool colors) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    if (!colors || piece.color == Color::none)
      out += piece.text;
    else
      out.append(code(piece.color)).append(piece.text).append("\x1b[0m");
  }
  return out;
}

}  // namespace routerone::cli
