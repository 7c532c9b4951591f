#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"
#include "daemon/http/fields.h"

namespace routerone::dialect {

struct Operation;

/// A request as it goes to a target of another dialect than its caller's.
struct WrittenRequest {
  std::string path;  ///< After the endpoint's prefix, query included.
  std::string body;
  std::vector<std::pair<std::string, std::string>>
      fields;                        ///< That the dialect wants on each request.
  std::vector<std::string> dropped;  ///< Hints left out, by their names in the caller's dialect.
  /// Stop sequences that the dialect cannot be told: we cut the answer there (stop_cutter.h).
  std::vector<std::string> stops;
  /// Names of tools that had to be spelled otherwise: as written, and what it stands for. Applied
  /// to the answer before it is written in the caller's dialect.
  struct Renamed {
    std::string written;
    chat::ToolCall means;  ///< name, group and freeform.
  };
  std::vector<Renamed> renamed;
};

/// What our own answers carry.
struct AnswerFacts {
  std::string id;            ///< Ours; each dialect makes the form it likes of it.
  std::int64_t created = 0;  ///< Unix seconds.
  std::string model;         ///< As the caller asked for it.
};

/// The most bytes of a stream that one reader or writer keeps: as much as a whole answer has.
inline constexpr std::size_t longest_kept = 32 << 20;

/// Reads the events of one stream; fed whole SSE events, in order. Keeps none of the text it has
/// read, except what its dialect's rules need and no more than longest_kept of that. Pure.
class EventReader {
 public:
  virtual ~EventReader() = default;
  /// Adds to `out`. `type` may be empty. What cannot be read is a Failed (bad_answer).
  virtual void read(std::string_view type, std::string_view data,
                    std::vector<chat::Event>& out) = 0;
  /// Upstream's clean end: closes what is open if a finish was seen, else adds a Failed (cut).
  virtual void end(std::vector<chat::Event>& out) = 0;
  /// The terminal event has been read: nothing behind it counts.
  virtual bool done() const = 0;
};

/// Writes the events of one stream: a legal sequence of the dialect for every input. Keeps only
/// what the dialect says later or once more. Pure.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  /// The SSE text, whole events only; may be empty.
  virtual std::string write(const chat::Event&) = 0;
  /// It keeps more than longest_kept: the stream has to fail.
  virtual bool is_full() const = 0;
  /// What the caller counts as life, at this point; empty: nothing is safe now.
  virtual std::string keepalive() = 0;
  /// The stream's failure in this dialect; after it nothing.
  virtual std::string fail(const Refusal&) = 0;
};

/// How a dialect is turned into the neutral types and back. Beside Dialect, which passes bytes on:
/// a request whose target speaks the caller's own dialect never comes here. Pure; one a dialect.
class Translation {
 public:
  virtual ~Translation() = default;

  /// `path` as the caller gave it, for the dialect that says its model there.
  virtual tl::expected<chat::Request, Refusal> read_request(const Operation&, std::string_view path,
                                                            std::string_view body) const = 0;
  /// Refuses what the target cannot express and the caller would miss, by the caller's own name of
  /// the field where it is known.
  virtual tl::expected<WrittenRequest, Refusal> write_request(const chat::Request&,
                                                              const Target&) const = 0;

  /// A whole answer with status 200. The failure if it is none.
  virtual tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body) const = 0;
  /// `asked`: what the caller wanted (its turns may be gone).
  virtual std::string write_answer(const chat::Answer&, const chat::Request& asked,
                                   const AnswerFacts&) const = 0;

  virtual std::unique_ptr<EventReader> read_events() const = 0;
  /// `asked` outlives the writer.
  virtual std::unique_ptr<EventWriter> write_events(const chat::Request& asked,
                                                    const AnswerFacts&) const = 0;
};

}  // namespace routerone::dialect
