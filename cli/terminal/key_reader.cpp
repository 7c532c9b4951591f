#include "cli/terminal/key_reader.h"

#include <utility>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

// xterm's bracketed paste mode.
constexpr std::string_view paste_begins = "\x1b[200~", paste_ends = "\x1b[201~";
constexpr wchar_t no_character = 0xfffd;

/// How many bytes the character has that begins so; 0: none begins so.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

struct Decoded {
  wchar_t character = no_character;
  std::size_t bytes = 1;
};

/// The first character of a text; nothing if its end is still missing.
std::optional<Decoded> decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = length_of(first);
  if (length == 0) return Decoded{};
  if (length == 1) return Decoded{static_cast<wchar_t>(first), 1};
  auto value = static_cast<std::uint32_t>(first & (0xff >> (length + 1)));
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return Decoded{no_character, i};
    value = value << 6 | (byte & 0x3f);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool nobody = (value >= 0xd800 && value < 0xe000) || value > 0x10ffff;
  return Decoded{overlong || nobody ? no_character : static_cast<wchar_t>(value), length};
}

/// A text from elsewhere as lines to be edited.
std::string cleaned(std::string_view raw) {
  std::string out;
  std::string line;
  const auto end_line = [&] {
    out += printable(line, KeyReader::longest_paste) + '\n';
    line.clear();
  };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\r' && i + 1 < raw.size() && raw[i + 1] == '\n') continue;
    if (raw[i] == '\n' || raw[i] == '\r')
      end_line();
    else
      line += raw[i] == '\t' ? ' ' : raw[i];
  }
  end_line();
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace

void KeyReader::feed(std::string_view bytes) { bytes_ += bytes; }

std::optional<wchar_t> KeyReader::next() { return in_paste_ ? end_paste() : next_outside(); }

std::optional<wchar_t> KeyReader::next_outside() {
  if (bytes_.empty()) return std::nullopt;
  if (paste_begins.starts_with(std::string_view(bytes_).substr(0, paste_begins.size()))) {
    // An Escape alone waits for what follows it, as it does in the editor.
    if (bytes_.size() < paste_begins.size()) return std::nullopt;
    bytes_.erase(0, paste_begins.size());
    in_paste_ = true;
    return end_paste();
  }
  const auto decoded = decode(bytes_);
  if (!decoded) return std::nullopt;
  bytes_.erase(0, decoded->bytes);
  return decoded->character;
}

std::optional<wchar_t> KeyReader::end_paste() {
  auto end = bytes_.find(paste_ends);
  if (end == bytes_.npos) {
    // Kept to its length; the end mark may be half there.
    if (bytes_.size() > 2 * longest_paste)
      bytes_.erase(longest_paste + 1, bytes_.size() - longest_paste - 1 - paste_ends.size());
    return std::nullopt;
  }
  // A text that holds an end mark itself does so to have the rest of it taken for keys: the last
  // mark counts that no other paste begins before.
  const auto another = bytes_.find(paste_begins, end);
  for (auto later = end; later < another; later = bytes_.find(paste_ends, later + 1)) end = later;
  Paste paste;
  paste.too_long = end > longest_paste;
  if (!paste.too_long) paste.text = cleaned(std::string_view(bytes_).substr(0, end));
  paste_ = std::move(paste);
  bytes_.erase(0, end + paste_ends.size());
  in_paste_ = false;
  return paste_key;
}

std::optional<KeyReader::Paste> KeyReader::take_paste() {
  return std::exchange(paste_, std::nullopt);
}

std::string to_utf8(std::wstring_view text) {
  std::string out;
  for (const wchar_t wide : text) {
    const auto c = static_cast<std::uint32_t>(wide);
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xc0 | c >> 6);
      tail(0);
    } else if (c < 0x10000) {
      out += static_cast<char>(0xe0 | c >> 12);
      tail(6);
      tail(0);
    } else {
      out += static_cast<char>(0xf0 | c >> 18);
      tail(12);
      tail(6);
      tail(0);
    }
  }
  return out;
}

std::wstring to_wide(std::string_view text) {
  std::wstring out;
  while (!text.empty()) {
    const Decoded decoded = decode(text).value_or(Decoded{no_character, text.size()});
    out += decoded.character;
    text.remove_prefix(decoded.bytes);
  }
  return out;
}

}  // namespace routerone::cli
