#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/usage.h"

namespace routerone::chat {

/// What every dialect says in its own way: a conversation, an answer, a stream of one. Each dialect
/// has one reader and one writer of these and knows no other. Order is data: parts, tools and the
/// members of JSON texts stay in the order in which they came; nothing is grouped.

/// JSON as text: compact or as it came, key order kept. Schemas, arguments, metadata.
using JsonText = std::string;

/// A prompt-cache mark on a part or tool.
enum class CacheMark { none, short_lived, long_lived };  ///< 5 minutes; 1 hour.

/// A source that a text names. In a stream it comes with the part's end.
struct Citation {
  std::string url, title;
  std::int64_t from = 0, to = 0;  ///< Which characters of the text; both 0: not told.
  std::string quoted;             ///< The source's own words, where they are given.
};

struct Text {
  std::string text;
  bool refusal = false;  ///< The model's own refusal, where a dialect tells it apart.
  CacheMark cache = CacheMark::none;
  std::vector<Citation> citations;
};

/// Image, document or sound. Exactly one of data, url and file_id is set.
struct Media {
  enum class Kind { image, document, audio } kind = Kind::image;
  std::string media_type;  ///< `image/png`; of a URL it may be empty.
  std::string data;        ///< Base64 without white space; of a text document the text itself.
  std::string url;         ///< Remote; nobody here fetches it.
  std::string file_id;     ///< Belongs to the provider that gave it out.
  std::string name;        ///< File name or title.
  std::string detail;      ///< `low`, `high`, `auto`, `original`, or empty.
  bool is_text = false;    ///< `data` is plain text.
  CacheMark cache = CacheMark::none;
};

/// The model's thinking and the state that only its maker can read.
struct Thinking {
  std::string text;    ///< Visible; may be empty.
  std::string origin;  ///< Dialect id whose state this is: `anthropic`, ... Empty: none.
  JsonText state;      ///< The whole original block or item, as its dialect writes it in a request.
  bool redacted = false;
  std::string id;  ///< That its maker gave it; never goes back there.
};

/// Something the model calls.
struct ToolCall {
  std::string id;         ///< As its dialect gave it; may be empty.
  std::string name;       ///< Without its namespace.
  std::string group;      ///< Namespace; empty: none.
  JsonText arguments;     ///< A JSON object; of a freeform tool the bare text it was called with.
  bool freeform = false;  ///< Takes text, not an object.
  std::string signature;  ///< State of the model at this call (Gemini); empty: none.
};

struct ToolResult;
using Part = std::variant<Text, Media, Thinking, ToolCall, ToolResult>;

struct ToolResult {
  std::string call_id;
  std::string name;           ///< Where the dialect tells it.
  std::vector<Part> content;  ///< Text and Media only.
  bool is_error = false;
  bool freeform = false;
  CacheMark cache = CacheMark::none;
  std::string group;  ///< Namespace of the tool, where it is known.
};

enum class Role { system, user, assistant };

struct Turn {
  Role role = Role::user;
  bool developer = false;  ///< A system turn that its dialect calls a developer's.
  std::vector<Part> parts;
  std::string phase;  ///< Responses: `commentary`, `final_answer`.
};

struct Tool {
  enum class Kind { function, freeform, hosted } kind = Kind::function;
  std::string name;
  std::string group;        ///< Namespace it stands in; empty: none.
  std::string description;  ///< Empty: none.
  JsonText schema;          ///< Of its arguments; empty: none was given. Freeform: its format.
  std::optional<bool> strict;
  std::string origin;  ///< Hosted: the dialect it belongs to ...
  JsonText raw;        ///< ... and the tool as that dialect writes it. `name` is its type.
  CacheMark cache = CacheMark::none;
};

struct ToolChoice {
  enum class Mode { automatic, required, one, none } mode = Mode::automatic;
  std::string name;  ///< Of `one`.
  std::string group;
  std::vector<std::string> only;  ///< A subset that may be called; empty: all.
  std::optional<bool> parallel;   ///< Several calls in one turn.
};

/// Canonical levels, ascending. Absent stays absent.
enum class Effort { none, minimal, low, medium, high, xhigh, max };

struct Reasoning {
  std::optional<Effort> effort;
  std::optional<std::int64_t> budget;  ///< Thinking tokens, where the caller counts them.
  bool adaptive = false;               ///< The model decides itself how much.
  bool off = false;                    ///< Said to be off, which is more than not said.
  std::optional<bool> visible;         ///< The caller wants to read it, or not.
};

struct Format {
  enum class Kind { text, json, schema } kind = Kind::text;
  std::string name;
  std::string description;
  JsonText schema;
  std::optional<bool> strict;
};

/// What a caller asks for, whatever it speaks.
struct Request {
  std::string model;  ///< As asked for.
  bool stream = false;
  bool wants_usage = true;  ///< In the stream; one dialect has to ask.
  std::vector<Turn> turns;  ///< Leading system turns are the instructions.
  std::vector<Tool> tools;
  ToolChoice choice;
  Reasoning reasoning;
  Format format;
  std::optional<std::int64_t> output_cap;
  std::optional<double> temperature, top_p;
  std::optional<std::int64_t> top_k, seed;
  std::optional<double> presence_penalty, frequency_penalty;
  std::vector<std::string> stops;
  std::int64_t choices = 1;
  std::string user;  ///< Who is behind the caller, as a stable word.
  std::string cache_key;
  std::string service_tier;  ///< In the caller's own word.
  std::string verbosity;
  JsonText metadata;
  /// Fields that others cannot express and that change nothing the caller gets: by their names in
  /// the caller's dialect. A writer of another dialect adds to this what it leaves out itself.
  std::vector<std::string> hints;
  /// Fields that change what the caller gets and that only its own dialect knows: the first of
  /// them is what the refusal names.
  std::vector<std::string> own_only;
  /// Tools were named in the way of Chat before there were tools; the answer is due in it, too.
  bool legacy_calls = false;
  /// Only how many tokens this would be is asked, no answer: of an answer, its usage's input.
  bool count_only = false;
  bool as_array = false;  ///< The stream is due as one JSON array, not as events.
};

/// Why an answer ended.
enum class Finish {
  stop,
  length,
  tool_calls,
  content_filter,
  refusal,
  stop_sequence,
  pause,
  unknown
};

struct Ending {
  Finish finish = Finish::unknown;
  std::string stop_sequence;  ///< Which one, where it is told.
  std::string explanation;    ///< Of a refusal; the model's or provider's words for the caller.
  Usage usage;
};

/// A whole answer. Parts: Text, Thinking and ToolCall.
struct Answer {
  std::string id;     ///< The upstream's; empty: none.
  std::string model;  ///< The upstream's word.
  std::vector<Part> parts;
  Ending ending;
};

/// A stream of an answer. Parts are numbered from 0 in the order in which they begin; several may
/// be open at once (parallel calls). What belongs to a part says so.
struct Began {
  std::string id, model;
  Usage usage;  ///< As far as it is known at the start.
};
struct PartBegan {
  std::size_t part = 0;
  Part what;  ///< Text, Thinking or ToolCall with all that is known; its text comes in deltas.
};
struct Delta {
  std::size_t part = 0;
  std::string text;  ///< Of a call: of its arguments.
};
/// Where a state repeats what its part said: the bytes [from, to) of the part's text belong before
/// byte `at` of the state, as the inside of a JSON string.
struct Gap {
  std::size_t at = 0;
  std::size_t from = 0, to = 0;
};
struct PartEnded {
  std::size_t part = 0;
  /// All but the text, which came in deltas and is not said twice: what the beginning said, state
  /// and citations, a name or id that came late.
  Part rest;
  /// Of thinking whose state repeats its text: what the state leaves out, ascending. Such a part
  /// says its origin when it begins, so that who needs the state whole can keep the text.
  std::vector<Gap> gaps;
};
struct Ended {
  Ending ending;
};
struct Failed {
  FailureClass failure = FailureClass::server_error;
  std::optional<std::chrono::seconds> retry_after;
};
using Event = std::variant<Began, PartBegan, Delta, PartEnded, Ended, Failed>;

}  // namespace routerone::chat
