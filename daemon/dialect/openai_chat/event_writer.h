#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::openai_chat {

/// Writes a streamed chat completion: a chunk that names the role, deltas, one chunk with the
/// finish reason, usage if it was asked for, `[DONE]`. Nothing follows that, nor an error.
class EventLines final : public EventWriter {
 public:
  EventLines(const chat::Request& asked, AnswerFacts facts);

  std::string write(const chat::Event&) override;
  bool is_full() const override { return kept_ > longest_kept; }
  std::string keepalive() override;
  std::string fail(const Refusal&) override;

 private:
  /// What a part's deltas need to know of it.
  struct Open {
    enum class Kind { text, refusal, thinking, call, unsaid } kind = Kind::unsaid;
    bool freeform = false;
    bool spoke = false;     ///< A delta has gone out.
    std::size_t index = 0;  ///< Among the calls, or among the thinking.
    std::string origin;
    std::string kept;  ///< Thinking whose state goes out as a carrier.
  };

  void begin(std::string_view upstream_id);
  std::string began(const chat::PartBegan&);
  std::string delta(const chat::Delta&);
  std::string ended(const chat::PartEnded&);
  std::string finish(const chat::Ending&);
  std::string call_piece(const Open&, std::string_view arguments) const;
  /// `inside`: the members of the delta, braces included.
  std::string chunk(std::string_view inside, std::string_view finish = {}) const;
  std::string role() const;

  const chat::Request& asked_;
  AnswerFacts facts_;
  std::string head_;  ///< Of every chunk, up to its choices.
  std::vector<Open> parts_;
  std::size_t calls_ = 0, thoughts_ = 0;
  std::size_t kept_ = 0;
  std::int64_t annotations_ = 0;
  bool refused_ = false, finished_ = false;
};

}  // namespace routerone::dialect::openai_chat
