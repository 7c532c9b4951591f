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
  /// Text that is read again: a question is put to each of many documents.
  std::int64_t repeated_bytes = 0;
  std::vector<ImageDemand> images;
  std::int64_t document_pages = 0;  ///< PDFs; a page is text and an image.
  std::int64_t audio_bytes = 0;     ///< Decoded.
  /// Refers to what only the provider has (remote URL, file id, previous_response_id, conversation,
  /// cached content): the bound is the model's whole context. Its field's name; empty: none.
  std::string refers_to;
  /// Tools the caller runs, but whose description only the provider has.
  std::int64_t built_in_tools = 0;

  std::int64_t choices = 1;                ///< `n`, `best_of`, `candidateCount`.
  std::optional<std::int64_t> output_cap;  ///< As the caller gave it, for one choice.
  std::int64_t thinking_budget = 0;        ///< Inside the cap; never rewritten.

  std::int64_t images_made = 0;  ///< That may be billed each.
  std::int64_t requests = 1;     ///< As how many it may be billed.

  std::int64_t web_searches = 0;  ///< Most a server tool may do; 0: has none.
  /// How often server tools may make the model read everything anew within this one request, with
  /// what it wrote until then; and the most tokens that all their results can add.
  std::int64_t server_turns = 0;
  std::int64_t server_results = 0;
  /// A server tool without a bound, or a field that lets the provider choose another model or tool:
  /// refused under a spend limit.
  std::string unbounded_tool;
  bool background = false;  ///< `background: true`: refused under a spend limit.

  /// As the caller asks for it, of the closed list of tiers (`fast` for Messages' speed); what it
  /// asks for may cost more than the standard table.
  std::string service_tier;
};

}  // namespace routerone
