#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/collector.h"
#include "daemon/dialect/dialect.h"
#include "daemon/dialect/parallel_call.h"
#include "daemon/dialect/sse_framer.h"
#include "daemon/dialect/stop_cutter.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect {

/// A stream that comes in one dialect and goes out in another, as the relay sees any stream: judged
/// by the dialect it comes in, forwarded in the caller's words.
class TranslatingScanner final : public StreamScanner {
 public:
  /// `judge`: the upstream's own scanner. `asked`: what it was asked; outlives this. `input_guess`:
  /// for callers whose streams begin with the input's count, where the upstream tells it only at
  /// the end. `teller`: the caller's own scanner, where tell_cost() is due: it knows where its
  /// dialect says what an answer cost; else null. `tools`: the caller's own; outlive this.
  TranslatingScanner(std::unique_ptr<StreamScanner> judge, std::unique_ptr<EventReader> reader,
                     std::unique_ptr<EventWriter> writer, const WrittenRequest& asked,
                     std::int64_t input_guess, std::unique_ptr<StreamScanner> teller = nullptr,
                     std::span<const chat::Tool> tools = {})
      : judge_(std::move(judge)),
        reader_(std::move(reader)),
        writer_(std::move(writer)),
        teller_(std::move(teller)),
        wrapped_(tools),
        names_(asked.renamed),
        stops_(asked.stops),
        input_guess_(input_guess) {}

  Step feed(std::string_view bytes) override { return translate(judge_->feed(bytes), false); }
  Step end() override { return translate(judge_->end(), true); }
  const Reading& reading() const override { return judge_->reading(); }
  bool finish_seen() const override { return judge_->finish_seen(); }
  std::string keepalive() override { return ended_ ? std::string() : writer_->keepalive(); }
  std::string error_event(const Refusal& why) override;
  /// Of the usage as upstream told it: the caller's dialect may have fewer classes.
  void tell_cost(std::function<std::optional<Money>(const Usage&)>) override;

 private:
  Step translate(Step judged, bool at_end);
  void take(const SseFramer::Piece& piece);
  void read(std::string_view event);
  void take_events(Step& out);
  void note_cost(std::string& written);
  void fail(const chat::Failed&, Step& out);
  bool is_too_much(const chat::Event&) const;

  std::unique_ptr<StreamScanner> judge_;
  std::unique_ptr<EventReader> reader_;
  std::unique_ptr<EventWriter> writer_;
  std::unique_ptr<StreamScanner> teller_;
  ParallelUnwrapper wrapped_;
  NameRestorer names_;
  StopCutter stops_;
  std::int64_t input_guess_;
  SseFramer framer_;
  std::string long_;  ///< An event longer than the framer holds, as far as it came.
  std::string joined_;
  std::vector<chat::Event> events_;  ///< Read, not yet written.
  std::string out_;                  ///< Written, before the ending.
  std::string last_;                 ///< The ending.
  bool ended_ = false;
};

}  // namespace routerone::dialect
