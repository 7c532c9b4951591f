#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "cli/commands/trace_commands.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"
#include "common/core/money.h"

namespace routerone::cli {
namespace {

/// What an agent writes to us, if it writes anything: never waited for at a terminal, and not for
/// long where a pipe stays open.
std::string read_stdin() {
  constexpr std::size_t most = 1 << 20;
  constexpr int patience_ms = 200;
  std::string text;
  if (::isatty(STDIN_FILENO) == 1) return text;
  char part[4096];
  while (text.size() < most) {
    pollfd look{STDIN_FILENO, POLLIN, 0};
    if (::poll(&look, 1, patience_ms) != 1) break;
    const auto got = ::read(STDIN_FILENO, part, sizeof part);
    if (got <= 0) break;
    text.append(part, static_cast<std::size_t>(got));
    // An object that is whole needs no end of file.
    if (text.find_last_not_of(" \r\n\t") != text.npos &&
        text[text.find_last_not_of(" \r\n\t")] == '}' && Json::accept(text))
      break;
  }
  return text;
}

/// As Claude Code writes it: `{"session_id": .., "model": {..}, ..}`.
std::string session_of_stdin() {
  const Json told = Json::parse(read_stdin(), nullptr, /*allow_exceptions=*/false);
  return text_of(told, "session_id");
}

std::string usd_of(const Json& answer, const char* field) {
  const auto amount = parse_usd(text_of(answer, field));
  return amount ? short_usd(*amount) : std::string();
}

Shown words_of(const Json& answer) {
  std::vector<std::string> words;
  const auto add = [&](const char* field, const char* pattern) {
    if (const std::string usd = usd_of(answer, field); !usd.empty())
      words.push_back(fmt::format(fmt::runtime(pattern), usd));
  };
  add("session_cost_usd", "session {}");
  add("today_usd", "today {}");
  add("left_usd", "{} left");
  if (const std::string model = text_of(answer, "model"); !model.empty()) words.push_back(model);
  return fmt::format("{}", fmt::join(words, " | "));
}

const char* words_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_running:
      return "routerone is down";
    case ErrorKind::unavailable:
      return "routerone does not answer";
    default:
      return "routerone cannot say";
  }
}

}  // namespace

/// One call, one line, and never a failure: a status bar has no place for one.
Result<int> statusline(Call& call) {
  control::StatuslineWish wish;
  wish.key = call.word("key");
  wish.session = call.has("session") ? call.word("session") : session_of_stdin();
  const auto answer = call.daemon().statusline(wish);
  if (!answer && call.json()) return tl::unexpected(answer.error());
  if (!answer)
    call.out().line(words_of(answer.error().kind));
  else if (!call.printed_json(*answer))
    call.out().line(words_of(*answer));
  return 0;
}

}  // namespace routerone::cli
