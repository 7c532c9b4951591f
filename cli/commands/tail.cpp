#include "cli/commands/interrupt.h"
#include "cli/commands/tail_feed.h"
#include "cli/commands/tail_view.h"
#include "cli/commands/trace_commands.h"
#include "cli/commands/trace_view.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

/// Prints what the feed brings: for a program as `traces list` prints it, for a person in lines
/// that stay under their heading, with what it came to below.
class TailPrinter {
 public:
  explicit TailPrinter(Call& call) : call_(call), painted_(call.out().terminal() && !call.json()) {
    if (painted_) call_.out().line(tail_heading(call_.out().width()));
  }

  void print(const Json& trace) {
    total_.add(trace);
    if (call_.json())
      call_.out().json_line(trace);
    else if (painted_)
      call_.out().line(tail_row(trace, call_.out().width()));
    else
      print_plain(trace);
  }

  void show_total(bool connected) {
    if (connected)
      call_.out().status(total_.words());
    else
      call_.out().status("the daemon is away; waiting for it: " + total_.words());
  }

  void finish() {
    call_.out().status({});
    call_.out().note(total_.words());
  }

 private:
  void print_plain(const Json& trace) {
    Table row(trace_columns());
    row.add(trace_cells(trace, call_.clock()));
    row.print(call_.out(), false);
  }

  Call& call_;
  bool painted_;
  TailTotal total_;
};

Result<int> follow(Call& call, TailFeed& feed, std::optional<int> most) {
  TRY(TailFeed::News news, feed.next(0));
  TailPrinter printer(call);
  int shown = 0;
  for (const InterruptNoted interrupt; !interrupt.seen();) {
    for (const Json& trace : news.traces) {
      printer.print(trace);
      if (++shown != most) continue;
      printer.finish();
      return 0;
    }
    printer.show_total(news.connected);
    if (!call.out().flush() || call.out().reader_gone()) return 0;
    auto more = feed.next(control::TailWish::longest_wait);
    if (!more) {
      printer.finish();
      return tl::unexpected(more.error());
    }
    news = std::move(*more);
  }
  printer.finish();
  return InterruptNoted::exit_code;
}

}  // namespace

Result<int> tail_traces(Call& call) {
  control::Strings terms = call.all("FILTER");
  if (const auto since = call.text("since")) terms.push_back("since=" + *since);
  TRY(const auto most, call.number("limit", 1, 1'000'000'000));
  TailFeed feed(call.daemon(), std::move(terms));
  return follow(call, feed, most);
}

}  // namespace routerone::cli
