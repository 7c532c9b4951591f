#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace routerone {

/// An image of a request, as far as its bytes tell.
struct ImageDemand {
  int width = 0, height = 0;  ///< Pixels, from the image's own header; 0: could not be read.
  bool low_detail = false;    ///< The caller asked for the cheap reading.
};

/// What a request may use at most, in units that no price is needed for. Made by the dialect from
/// the body, only where a limit asks for it. Everything errs upwards: what is not understood counts
/// as text, byte for byte.
struct Demand {
  std::int64_t text_bytes = 0;  ///< Everything that is not media: at most a token a byte.
  std::int64_t messages = 0;    ///< Turns and tool definitions: each costs a few tokens unseen.
  std::vector<ImageDemand> images;
  std::int64_t document_pages = 0;  ///< PDFs; a page is text and an image.
  std::int64_t audio_bytes = 0;     ///< Decoded.
  /// Refers to what only the provider has (remote URL, file id, previous_response_id, conversation,
  /// cached content): the bound is the model's whole context. Its field's name; empty: none.
  std::string refers_to;

  std::int64_t choices = 1;                ///< `n`, `best_of`, `candidateCount`.
  std::optional<std::int64_t> output_cap;  ///< As the caller gave it, for one choice.
  std::int64_t thinking_budget = 0;        ///< Inside the cap; never rewritten.
  std::int64_t web_searches = 0;           ///< Most a server tool may do; 0: has none.
  std::string unbounded_tool;  ///< A server tool without a bound: refused under a spend limit.
  bool background = false;     ///< `background: true`: refused under a spend limit.
};

}  // namespace routerone
