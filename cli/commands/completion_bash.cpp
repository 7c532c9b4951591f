#include "cli/commands/completion_bash.h"

#include <algorithm>

namespace routerone::cli {
namespace {

constexpr std::string_view blanks = " \t\n";

/// Of these, what follows the break stays part of what readline replaces.
bool is_kept_break(char c) { return c == '@' || c == '$'; }

bool is_plain(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
}

/// Walks a line as bash's own reader does, as far as completion needs it.
class BashReader {
 public:
  BashReader(std::string_view line, std::string_view breaks) : line_(line), breaks_(breaks) {}

  BashLine read() {
    for (at_ = 0; at_ < line_.size(); ++at_) step(line_[at_]);
    if (escaped_) add('\\');  // the last character: nothing is escaped yet
    BashLine out;
    out.redirected = target_;
    out.quote = quote_;
    out.kept = word_.substr(0, std::min(start_, word_.size()));
    words_.push_back(word_);
    if (words_.size() > 1) words_.erase(words_.begin());  // the program
    out.words = std::move(words_);
    return out;
  }

 private:
  void step(char c) {
    if (escaped_)
      take_escaped(c);
    else if (quote_ != '\0')
      take_quoted(c);
    else if (c == '\\')
      escaped_ = true;
    else if (c == '\'' || c == '"')
      open_quote(c);
    else if (blanks.find(c) != blanks.npos)
      end_word();
    else if (c == '<' || c == '>')
      redirect(c);
    else
      take_bare(c);
  }

  void take_escaped(char c) {
    escaped_ = false;
    // Inside double quotes a backslash is one, but before these.
    if (quote_ == '"' && std::string_view("$`\"\\\n").find(c) == std::string_view::npos) add('\\');
    if (c != '\n') add(c);
  }

  void take_quoted(char c) {
    if (c == quote_) {
      quote_ = '\0';
      start_ = before_quote_;
    } else if (c == '\\' && quote_ == '"') {
      escaped_ = true;
    } else {
      add(c);
    }
  }

  void open_quote(char c) {
    begun_ = true;
    quote_ = c;
    before_quote_ = start_;
    start_ = word_.size();
  }

  void take_bare(char c) {
    const bool is_break = breaks_.find(c) != breaks_.npos;
    if (is_break && is_kept_break(c)) start_ = word_.size();
    add(c);
    if (is_break && !is_kept_break(c)) start_ = word_.size();
  }

  void redirect(char c) {
    const bool number = begun_ && std::all_of(word_.begin(), word_.end(),
                                              [](char each) { return each >= '0' && each <= '9'; });
    if (number) forget_word();  // `2>`
    end_word();
    target_ = true;
    if (at_ + 1 < line_.size() && (line_[at_ + 1] == c || line_[at_ + 1] == '&')) ++at_;
  }

  void add(char c) {
    begun_ = true;
    word_ += c;
  }

  void end_word() {
    if (!begun_) return;
    if (!target_) words_.push_back(word_);
    target_ = false;
    forget_word();
  }

  void forget_word() {
    word_.clear();
    begun_ = false;
    start_ = 0;
  }

  const std::string_view line_, breaks_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
  std::string word_;
  bool begun_ = false, escaped_ = false, target_ = false;
  char quote_ = '\0';
  std::size_t start_ = 0, before_quote_ = 0;  ///< Where in `word_` readline's word begins.
};

std::optional<std::string> in_double_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '!') return std::nullopt;  // the history's, and no backslash would be taken away again
    if (std::string_view("$`\"\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::optional<std::string> in_single_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '!') return std::nullopt;
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out;
}

std::string bare(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_plain(c)) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

BashLine read_bash_line(std::string_view line, std::string_view breaks) {
  return BashReader(line, breaks).read();
}

std::optional<std::string> bash_replacement(const std::string& word, const BashLine& line) {
  if (!word.starts_with(line.kept)) return std::nullopt;
  const std::string_view rest = std::string_view(word).substr(line.kept.size());
  if (line.quote == '"') return in_double_quotes(rest);
  if (line.quote == '\'') return in_single_quotes(rest);
  return bare(rest);
}

}  // namespace routerone::cli
