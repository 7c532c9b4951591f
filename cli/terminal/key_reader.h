#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace routerone::cli {

/// What a terminal sends, as characters. A bracketed paste comes as one key, `paste_key`, however
/// much was pasted, so that nothing in it acts: no line end runs a line, no tab completes.
class KeyReader {
 public:
  static constexpr wchar_t paste_key = 0x1f;  ///< Ctrl-_, which nothing else is bound to.
  static constexpr std::size_t longest_paste = 16 << 10;

  struct Paste {
    std::string text;  ///< Lines parted by "\n", none at the end; nothing but what can be seen.
    bool too_long = false;  ///< More than longest_paste: then there is no text.
  };

  void feed(std::string_view bytes);
  /// The next character; nothing until more bytes came.
  std::optional<wchar_t> next();
  /// What the last paste_key stood for; nothing if that was a key that somebody pressed.
  std::optional<Paste> take_paste();

  /// Inside a paste. Then there is more to come and it may be read in large parts; else what is
  /// behind the next key may be meant for another program, and should be left where it is.
  bool in_paste() const { return in_paste_; }

 private:
  std::optional<wchar_t> next_outside();
  std::optional<wchar_t> end_paste();

  std::string bytes_;  ///< Not yet looked at.
  bool in_paste_ = false;
  std::optional<Paste> paste_;
};

std::string to_utf8(std::wstring_view);
/// What is no UTF-8 becomes U+FFFD.
std::wstring to_wide(std::string_view);

}  // namespace routerone::cli
