#include "cli/terminal/line_editor.h"

#include <histedit.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <optional>
#include <utility>

#include "cli/terminal/key_reader.h"
#include "cli/terminal/line_history.h"
#include "cli/terminal/line_layout.h"
#include "cli/terminal/signal_pipe.h"
#include "cli/terminal/width.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

/// Lines above the prompt come in bundles: a terminal shows no more than this, and keys come first.
constexpr Millis between_bundles{40};
constexpr std::size_t longest_bundle = 100;

constexpr const char* paste_mode_on = "\x1b[?2004h";
constexpr const char* paste_mode_off = "\x1b[?2004l";

void use_wide_characters() {
  if (std::setlocale(LC_CTYPE, "") && MB_CUR_MAX > 1) return;
  std::setlocale(LC_CTYPE, "C.UTF-8");
}

struct Size {
  int columns = 80, rows = 24;
};
Size size_of_terminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return {};
  return {size.ws_col, size.ws_row};
}

/// The keys that mean a signal at this terminal; none where it has none. While a line is edited
/// they come as keys: as signals they would overtake what was typed before them, and cut a paste in
/// two, the rest of which would act.
class SignalKeys {
 public:
  /// While other programs may use the terminal.
  static SignalKeys of_terminal() {
    SignalKeys keys;
    termios now{};
    if (::tcgetattr(STDIN_FILENO, &now) == 0)
      keys.keys_ = {
          {{now.c_cc[VINTR], SIGINT}, {now.c_cc[VQUIT], SIGQUIT}, {now.c_cc[VSUSP], SIGTSTP}}};
    return keys;
  }
  std::optional<int> signal_of(wchar_t key) const {
    for (const auto& [own, signal] : keys_)
      if (own != _POSIX_VDISABLE && key == own) return signal;
    return std::nullopt;
  }

 private:
  std::array<std::pair<cc_t, int>, 3> keys_{};
};

std::string up(int rows) { return rows > 0 ? "\x1b[" + std::to_string(rows) + "A" : ""; }
std::string down(int rows) { return rows > 0 ? "\x1b[" + std::to_string(rows) + "B" : ""; }
std::string right(int columns) {
  return columns > 0 ? "\x1b[" + std::to_string(columns) + "C" : "";
}

using Choices = std::vector<LineEditor::Completion::Choice>;

std::size_t widest_of(const Choices& choices) {
  std::size_t widest = 1;
  for (const auto& choice : choices) widest = std::max(widest, shown_width(choice.text));
  return widest;
}

/// Beside and below each other.
std::vector<Shown> in_columns(const Choices& choices, std::size_t count, std::size_t beside) {
  const std::size_t widest = widest_of(choices);
  std::vector<Shown> rows;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % beside == 0) rows.emplace_back();
    rows.back() += Shown(choices[i].text);
    const bool last = i % beside + 1 == beside || i + 1 == count;
    if (!last) rows.back() += Shown::spaces(widest + 2 - shown_width(choices[i].text));
  }
  return rows;
}

/// One a row, with what is said about it.
std::vector<Shown> with_words(const Choices& choices, std::size_t columns) {
  const std::size_t widest = widest_of(choices);
  std::vector<Shown> rows;
  for (const auto& choice : choices) {
    rows.emplace_back(choice.text);
    if (choice.about.empty() || widest + 2 >= columns) continue;
    rows.back() += Shown::spaces(widest + 2 - shown_width(choice.text));
    rows.back() += Shown(cut_to(printable(choice.about), columns - widest - 2), Color::dim);
  }
  return rows;
}

/// As much of them as there is room for.
std::vector<Shown> shown(const Choices& choices, Size size) {
  const auto columns = static_cast<std::size_t>(std::max(size.columns - 1, 1));
  const auto room = static_cast<std::size_t>(std::max(size.rows - 3, 1));
  const bool explained = std::any_of(choices.begin(), choices.end(),
                                     [](const auto& choice) { return !choice.about.empty(); });
  if (explained && choices.size() <= room) return with_words(choices, columns);
  const std::size_t beside = std::max<std::size_t>(1, columns / (widest_of(choices) + 2));
  const std::size_t fitting = std::min(choices.size(), room * beside);
  auto rows = in_columns(choices, fitting, beside);
  if (fitting < choices.size())
    rows.emplace_back("and " + std::to_string(choices.size() - fitting) + " more");
  return rows;
}

}  // namespace

struct LineEditor::Impl {
  Impl(const Clock&, Options);
  ~Impl();

  // What libedit calls.
  static Impl& of(EditLine*);
  static int read_key(EditLine*, wchar_t*);
  static wchar_t* show_prompt(EditLine*);
  static unsigned char on_tab(EditLine*, wint_t);
  static unsigned char on_paste(EditLine*, wint_t);

  void bind(const wchar_t* key, const wchar_t* name, unsigned char (*function)(EditLine*, wint_t));
  bool wait_for_input();
  void read_input();
  int patience() const;
  bool feed_is_due() const;
  void show_feed();
  void show_above(const std::vector<Shown>&) const;
  bool hear(int signal);

  LineLayout layout() const;
  void write(const std::string& text) const;
  void begin();
  void leave_row() const;
  void mend_wide_rows() const;
  void redraw() const;
  void redraw_resized();
  void suspend();

  const Clock& clock;
  Options options;
  EditLine* edit = nullptr;
  HistoryW* history = nullptr;
  KeyReader keys;
  SignalKeys signal_keys;
  std::optional<SignalPipe> signals;
  std::wstring prompt;
  Size size;
  LineFeed* feed = nullptr;
  SteadyTime next_bundle{};
  Read read;
};

LineEditor::Impl::Impl(const Clock& the_clock, Options chosen)
    : clock(the_clock), options(std::move(chosen)) {
  use_wide_characters();
  edit = ::el_init("routerone", stdin, stdout, stderr);
  history = ::history_winit();
  HistEventW event;
  ::history_w(history, &event, H_SETSIZE, static_cast<int>(LineHistory::most));
  ::el_wset(edit, EL_CLIENTDATA, this);
  ::el_wset(edit, EL_HIST, ::history_w, history);
  ::el_wset(edit, EL_EDITOR, L"emacs");
  ::el_wset(edit, EL_SIGNAL, 0);
  ::el_wset(edit, EL_PROMPT, show_prompt);
  ::el_wset(edit, EL_GETCFN, read_key);
  ::el_source(edit, nullptr);
  ::el_wset(edit, EL_SETTY, L"-d", L"-isig", nullptr);
  bind(L"^I", L"routerone-complete", on_tab);
  bind(L"^_", L"routerone-paste", on_paste);
  ::el_wset(edit, EL_BIND, L"^R", L"em-inc-search-prev", nullptr);
}

LineEditor::Impl::~Impl() {
  ::history_wend(history);
  ::el_end(edit);
}

LineEditor::Impl& LineEditor::Impl::of(EditLine* line) {
  void* self = nullptr;
  ::el_wget(line, EL_CLIENTDATA, &self);
  return *static_cast<Impl*>(self);
}

/// In both key maps: vi's has one for commands.
void LineEditor::Impl::bind(const wchar_t* key, const wchar_t* name,
                            unsigned char (*function)(EditLine*, wint_t)) {
  ::el_wset(edit, EL_ADDFN, name, name, function);
  ::el_wset(edit, EL_BIND, key, name, nullptr);
  ::el_wset(edit, EL_BIND, L"-a", key, name, nullptr);
}

wchar_t* LineEditor::Impl::show_prompt(EditLine* line) { return of(line).prompt.data(); }

int LineEditor::Impl::read_key(EditLine* line, wchar_t* key) {
  Impl& self = of(line);
  self.mend_wide_rows();
  for (;;) {
    const auto next = self.keys.next();
    const auto signal = next ? self.signal_keys.signal_of(*next) : std::nullopt;
    if (next && !signal) {
      *key = *next;
      return 1;
    }
    if (signal ? !self.hear(*signal) : !self.wait_for_input()) return -1;
  }
}

unsigned char LineEditor::Impl::on_paste(EditLine* line, wint_t) {
  Impl& self = of(line);
  const auto paste = self.keys.take_paste();
  if (!paste) return CC_ERROR;
  if (paste->too_long) {
    std::printf("\a");
    return CC_REFRESH;
  }
  if (!paste->text.empty()) ::el_winsertstr(line, to_wide(paste->text).c_str());
  return CC_REFRESH;
}

unsigned char LineEditor::Impl::on_tab(EditLine* line, wint_t) {
  Impl& self = of(line);
  const LineInfoW* now = ::el_wline(line);
  const auto before = static_cast<std::size_t>(now->cursor - now->buffer);
  const Completion found = self.options.complete(to_utf8({now->buffer, before}));
  if (!found.insert.empty()) {
    ::el_winsertstr(line, to_wide(found.insert).c_str());
    return CC_REFRESH;
  }
  if (found.choices.empty()) return CC_REFRESH_BEEP;
  self.show_above(shown(found.choices, self.size));
  return CC_NORM;
}

/// False if the line ends here; then `read` says why.
bool LineEditor::Impl::wait_for_input() {
  pollfd look[] = {{STDIN_FILENO, POLLIN, 0},
                   {signals->descriptor(), POLLIN, 0},
                   {feed && feed_is_due() ? feed->descriptor() : -1, POLLIN, 0}};
  if (::poll(look, 3, patience()) < 0 && errno != EINTR) {
    read.end = End::closed;
    return false;
  }
  if (look[1].revents != 0) {
    while (const auto signal = signals->next())
      if (!hear(*signal)) return false;
  }
  if (look[0].revents != 0) {
    read_input();
    return read.end == End::line;
  }
  if (feed && feed_is_due() && (look[2].revents != 0 || feed->waiting())) show_feed();
  return true;
}

void LineEditor::Impl::read_input() {
  char part[4096];
  const auto got = ::read(STDIN_FILENO, part, keys.in_paste() ? sizeof part : 1);
  if (got > 0)
    keys.feed({part, static_cast<std::size_t>(got)});
  else if (got == 0 || (errno != EINTR && errno != EAGAIN))
    read.end = End::closed;
}

bool LineEditor::Impl::feed_is_due() const { return clock.steady() >= next_bundle; }

/// How long to wait for keys, in milliseconds.
int LineEditor::Impl::patience() const {
  if (!feed) return -1;
  if (feed_is_due()) return feed->waiting() ? 0 : -1;
  const auto left = std::chrono::ceil<Millis>(next_bundle - clock.steady());
  return static_cast<int>(std::max<Millis::rep>(left.count(), 0));
}

void LineEditor::Impl::show_feed() {
  const auto lines = feed->take(longest_bundle, size.columns);
  next_bundle = clock.steady() + between_bundles;
  if (!lines.empty()) show_above(lines);
}

void LineEditor::Impl::show_above(const std::vector<Shown>& lines) const {
  std::string text = "\r" + up(layout().cursor.row) + "\x1b[J";
  for (const Shown& line : lines) text += line.bytes(options.colors) + "\r\n";
  write(text);
  redraw();
}

/// False if the line ends here.
bool LineEditor::Impl::hear(int signal) {
  switch (signal) {
    case SIGWINCH:
      redraw_resized();
      return true;
    case SIGTSTP:
      suspend();
      return true;
    case SIGCONT:  // the shell had the terminal meanwhile
      ::el_wset(edit, EL_PREP_TERM, 0);
      begin();
      redraw();
      return true;
    case SIGINT:
      leave_row();
      write("^C\r\n");
      read.end = End::cleared;
      return false;
    default:
      leave_row();
      write("\r\n");
      read.end = End::ended;
      read.signal = signal;
      return false;
  }
}

LineLayout LineEditor::Impl::layout() const {
  const LineInfoW* now = ::el_wline(edit);
  const auto length = static_cast<std::size_t>(now->lastchar - now->buffer);
  const auto cursor = static_cast<std::size_t>(now->cursor - now->buffer);
  return layout_of(prompt, {now->buffer, length}, cursor, size.columns, size.rows);
}

void LineEditor::Impl::write(const std::string& text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void LineEditor::Impl::begin() {
  size = size_of_terminal();
  signal_keys = SignalKeys::of_terminal();
  ::el_wset(edit, EL_PREP_TERM, 1);
  ::el_resize(edit);
  write(paste_mode_on);
}

/// To the end of what is drawn.
void LineEditor::Impl::leave_row() const {
  const LineLayout where = layout();
  write("\r" + down(where.end.row - where.cursor.row) + right(where.end.column));
}

/// libedit brings a row up to date by the least that it must write, and gets wide characters wrong
/// that moved from one row to another. Then all of it is drawn anew.
void LineEditor::Impl::mend_wide_rows() const {
  const LineInfoW* now = ::el_wline(edit);
  const bool plain = std::all_of(now->buffer, now->lastchar,
                                 [](wchar_t c) { return c < 0x80 || ::wcwidth(c) == 1; });
  if (plain) return;
  const LineLayout where = layout();
  if (where.end.row == 0) return;
  write("\r" + up(where.cursor.row) + "\x1b[J");
  redraw();
}

/// From the row where the cursor stands, which is empty.
void LineEditor::Impl::redraw() const {
  ::el_wset(edit, EL_REFRESH);
  std::fflush(stdout);
}

void LineEditor::Impl::redraw_resized() {
  size = size_of_terminal();
  // Terminals move what does not fit a row into the next: the cursor is where the new width has it.
  write("\r" + up(layout().cursor.row) + "\x1b[J");
  ::el_resize(edit);
  redraw();
}

void LineEditor::Impl::suspend() {
  leave_row();
  write(std::string(paste_mode_off) + "\r\n");
  ::el_wset(edit, EL_PREP_TERM, 0);
  signals->act_on(SIGTSTP);
  while (signals->next()) {
  }
  begin();
  redraw();
}

LineEditor::LineEditor(const Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(clock, std::move(options))) {}

LineEditor::~LineEditor() = default;

bool LineEditor::possible() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && kind && *kind != '\0' &&
         std::strcmp(kind, "dumb") != 0;
}

void LineEditor::remember(const std::string& line) {
  HistEventW event;
  ::history_w(impl_->history, &event, H_ENTER, to_wide(line).c_str());
}

LineEditor::Read LineEditor::read_line(const std::string& prompt, LineFeed* feed) {
  impl_->read = {End::line, {}, 0};
  impl_->prompt = to_wide(prompt);
  impl_->feed = feed;
  impl_->signals.emplace({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH});
  impl_->begin();
  int length = 0;
  const wchar_t* line = ::el_wgets(impl_->edit, &length);
  impl_->write(paste_mode_off);
  ::el_wset(impl_->edit, EL_PREP_TERM, 0);
  impl_->signals.reset();
  Read& read = impl_->read;
  if (read.end != End::line) return read;
  if (!line || length <= 0) {
    impl_->write("\n");
    read.end = End::closed;
    return read;
  }
  read.line = to_utf8({line, static_cast<std::size_t>(length)});
  while (!read.line.empty() && (read.line.back() == '\n' || read.line.back() == '\r'))
    read.line.pop_back();
  return read;
}

}  // namespace routerone::cli
