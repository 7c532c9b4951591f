#include "cli/commands/repl_tail.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "cli/commands/forked.h"
#include "cli/commands/tail_feed.h"
#include "cli/commands/tail_view.h"
#include "cli/commands/views.h"
#include "common/platform/pipe.h"

namespace routerone::cli {
namespace {

using Strings = ReplTail::Strings;

// What the first character of a line from the other process says of the rest.
constexpr char a_trace = 'T', a_note = 'N', the_total = 'S';

constexpr int look_for_wishes_ms = 250;
constexpr int wide = 200;

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::string note(const std::string& text) { return fmt::format("{}{}\n", a_note, text); }

std::string words_of(const Error& error) {
  return error.message + (error.hint.empty() ? "" : " (" + error.hint + ")");
}

/// The other process: asks the daemon, and hands on what it says.
class Feeder {
 public:
  Feeder(const control::Client& daemon, Strings terms, int to, int wishes)
      : feed_(daemon, terms), terms_(std::move(terms)), to_(to), wishes_(wishes) {}

  int run() {
    bool asked = true;
    while (asked) {
      const auto news = feed_.next(look_for_wishes_ms);
      const std::optional<std::string> text =
          news ? text_of_news(*news) : text_of_error(news.error());
      if (!text) return 1;
      if (!write_all(to_, *text)) return 0;
      asked = hear_wishes();
    }
    write_all(to_, fmt::format("{}{}\n", the_total, total_.words().bytes(false)));
    return 0;
  }

 private:
  std::string text_of_news(const TailFeed::News& news) {
    std::string text;
    if (connected_ != news.connected)
      text += note(news.connected ? "the daemon is back" : "the daemon is gone; waiting for it");
    connected_ = news.connected;
    answered_ = true;
    for (const Json& trace : news.traces) {
      total_.add(trace);
      text += fmt::format("{}{}\n", a_trace, trace.dump());
    }
    return text;
  }

  /// Nothing: there is no way on.
  std::optional<std::string> text_of_error(const Error& error) {
    if (error.kind == ErrorKind::invalid && answered_ && terms_before_) {
      terms_ = *std::exchange(terms_before_, std::nullopt);
      feed_.filter(terms_);
      return note(words_of(error) + "; the filter stays as it was");
    }
    write_all(to_, note("the tail ended: " + words_of(error)));
    return std::nullopt;
  }

  /// False: nobody wants more.
  bool hear_wishes() {
    pollfd look{wishes_, POLLIN, 0};
    while (::poll(&look, 1, 0) == 1) {
      char part[4096];
      const auto got = ::read(wishes_, part, sizeof part);
      if (got <= 0) return false;
      LineQueue& heard = wishes_heard_;
      heard.feed({part, static_cast<std::size_t>(got)});
      for (const std::string& line : heard.take(1'000).lines) {
        terms_before_ = std::exchange(terms_, Json::parse(line).get<Strings>());
        feed_.filter(terms_);
      }
    }
    return true;
  }

  TailFeed feed_;
  TailTotal total_;
  Strings terms_;
  std::optional<Strings> terms_before_;
  int to_, wishes_;
  bool connected_ = true, answered_ = false;
  LineQueue wishes_heard_{1'000};
};

}  // namespace

Result<std::unique_ptr<ReplTail>> ReplTail::start(const control::Client& daemon, Strings terms) {
  TRY(auto lines, make_pipe());
  TRY(auto wishes, make_pipe());
  TRY(const pid_t process,
      start_forked(
          [&] {
            lines[0].reset();
            wishes[1].reset();
            return Feeder(daemon, terms, lines[1].get(), wishes[0].get()).run();
          },
          true));
  ::fcntl(lines[0].get(), F_SETFL, O_NONBLOCK);
  return std::unique_ptr<ReplTail>(
      new ReplTail(process, std::move(lines[0]), std::move(wishes[1]), std::move(terms)));
}

ReplTail::ReplTail(pid_t process, Descriptor from, Descriptor to, Strings terms)
    : process_(process), from_(std::move(from)), to_(std::move(to)), terms_(std::move(terms)) {}

ReplTail::~ReplTail() { stop(); }

int ReplTail::descriptor() const { return paused_ ? -1 : from_.get(); }

bool ReplTail::waiting() const { return !paused_ && !queue_.empty(); }

void ReplTail::drain() {
  char part[16 << 10];
  while (from_) {
    const auto got = ::read(from_.get(), part, sizeof part);
    if (got > 0) {
      queue_.feed({part, static_cast<std::size_t>(got)});
    } else if (got == 0) {
      from_.reset();
    } else if (errno != EINTR) {
      return;
    }
  }
}

Shown ReplTail::shown(const std::string& line, int columns) {
  if (line.empty()) return {};
  const std::string_view rest = std::string_view(line).substr(1);
  if (line.front() == a_note) return {rest, Color::yellow};
  if (line.front() == the_total) total_ = rest;
  const Json trace = line.front() == a_trace ? Json::parse(rest, nullptr, false) : Json();
  if (!trace.is_object()) return {};
  last_id_ = text_of(trace, "id");
  return tail_row(trace, columns);
}

std::vector<Shown> ReplTail::take(std::size_t most, int columns) {
  drain();
  const auto taken = queue_.take(most);
  std::vector<Shown> out;
  if (taken.skipped > 0)
    out.emplace_back(fmt::format(".. {} lines skipped", taken.skipped), Color::dim);
  for (const std::string& line : taken.lines) {
    Shown one = shown(line, columns);
    if (!one.empty()) out.push_back(std::move(one));
  }
  return out;
}

void ReplTail::filter(Strings terms) {
  terms_ = std::move(terms);
  write_all(to_.get(), Json(terms_).dump() + "\n");
}

std::string ReplTail::stop() {
  to_.reset();
  while (from_) {
    pollfd look{from_.get(), POLLIN, 0};
    (void)::poll(&look, 1, -1);
    (void)take(most_waiting, wide);
  }
  (void)take(most_waiting, wide);
  if (process_ > 0) wait_for_end(std::exchange(process_, -1));
  return total_;
}

}  // namespace routerone::cli
