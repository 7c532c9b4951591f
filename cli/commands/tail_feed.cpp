#include "cli/commands/tail_feed.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

bool is_since(const std::string& term) { return term.starts_with("since="); }

void pause(int milliseconds) { std::this_thread::sleep_for(Millis(milliseconds)); }

}  // namespace

TailFeed::TailFeed(control::Client daemon, control::Strings terms) : daemon_(std::move(daemon)) {
  wish_.terms = std::move(terms);
}

void TailFeed::filter(control::Strings terms) {
  std::erase_if(terms, is_since);
  wish_.terms = std::move(terms);
}

Result<TailFeed::News> TailFeed::away(const Error& error, int wait_ms) {
  const bool comes_back =
      error.kind == ErrorKind::not_running || error.kind == ErrorKind::unavailable;
  if (!answered_ || !comes_back) return tl::unexpected(error);
  constexpr int first_pause = 25;
  pause_ms_ = std::min(std::max(first_pause, pause_ms_ * 2), control::TailWish::longest_wait);
  pause(std::min(pause_ms_, wait_ms));
  return News{{}, false};
}

Result<TailFeed::News> TailFeed::next(int wait_ms) {
  wish_.wait_ms = wait_ms;
  const auto answer = daemon_.tail(wish_);
  if (!answer) return away(answer.error(), wait_ms);
  answered_ = true;
  pause_ms_ = 0;
  wish_.after = whole_of(*answer, "sequence");
  // `since=1h` means an hour before the beginning, however long this goes on.
  std::erase_if(wish_.terms, is_since);
  News news;
  for (const Json& trace : part_of(*answer, "traces")) news.traces.push_back(trace);
  // So many tails wait already that the daemon answered at once.
  if (news.traces.empty() && !flag_of(*answer, "waited", true)) pause(wait_ms);
  return news;
}

}  // namespace routerone::cli
