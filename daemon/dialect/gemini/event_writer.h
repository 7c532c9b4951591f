#pragma once

#include <map>
#include <string>
#include <string_view>

#include "daemon/dialect/collector.h"
#include "daemon/dialect/gemini/chunk_writer.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::gemini {

/// Writes a stream of response objects: events, or the elements of one array. Calls go out whole,
/// the usage with the finish reason in the last object.
class ChunkStream final : public EventWriter {
 public:
  /// `asked` outlives it.
  ChunkStream(const chat::Request& asked, const AnswerFacts& facts)
      : as_array_(asked.as_array),
        shows_thoughts_(asked.reasoning.visible.value_or(true)),
        id_(facts.id),
        model_(facts.model) {}

  std::string write(const chat::Event&) override;
  bool is_full() const override { return kept_ + order_.held() > longest_kept; }
  /// Its readers take nothing for life.
  std::string keepalive() override { return {}; }
  std::string fail(const Refusal&) override;

 private:
  void put(const chat::Event&);
  void put_began(const chat::PartBegan&);
  void put_delta(const chat::Delta&);
  void put_ended_part(const chat::PartEnded&);
  void put_ending(const chat::Ending&);
  void chunk(const std::string& part);
  void frame(const std::string& object);

  bool as_array_, shows_thoughts_;
  std::string id_, model_;
  struct Open {
    enum class Kind { text, thought, call } kind = Kind::text;
    bool keeps = false;  ///< What it says goes out with its end, too.
    std::string kept;
    TextPlaces places;
  };
  std::map<std::size_t, Open> open_;
  std::size_t kept_ = 0;  ///< Bytes.
  OneAtATime order_;
  AnswerState state_;
  std::string out_;
  bool any_ = false;  ///< An object has gone out.
  bool ended_ = false;
};

}  // namespace routerone::dialect::gemini
