#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "common/core/money.h"
#include "common/core/result.h"
#include "daemon/dialect/conversation.h"
#include "daemon/dialect/multipart.h"
#include "daemon/exchange/attempt.h"
#include "daemon/exchange/demand.h"
#include "daemon/exchange/rate_state.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/route_words.h"
#include "daemon/exchange/target.h"
#include "daemon/exchange/usage.h"
#include "daemon/http/fields.h"

namespace routerone::dialect {

/// What a route does, as far as the relay cares.
enum class OperationKind {
  generate,  ///< Costs tokens; whole or streamed.
  embed,     ///< Costs what it reads; whole only.
  media,     ///< Images and sound, made or read: no cap, and no size tells its tokens.
  count,     ///< Free: count_tokens. Exempt from limits.
};

/// One relayed path of a dialect.
struct Operation {
  std::string_view name;           ///< In traces: `chat`, `responses`, `messages`, ...
  std::string_view path;           ///< Inbound: `/v1/chat/completions`; see operation_path.h.
  std::string_view upstream_path;  ///< After the endpoint's prefix: `/chat/completions`.
  OperationKind kind = OperationKind::generate;
  bool takes_form = false;  ///< Also as multipart/form-data.
};

/// How an answer goes through.
enum class AnswerForm {
  whole,   ///< Held, and judged before the caller sees any of it.
  events,  ///< Read event by event.
  bytes,   ///< As it comes: sound, of which nothing can be judged but that it is there.
};

/// A textual change of a body: `removed` bytes at `at` become `inserted`.
struct Splice {
  std::size_t at = 0;
  std::size_t removed = 0;
  std::string inserted;
};

/// What routing and admission need of a request, read without a full parse.
struct Envelope {
  std::string model;            ///< Unescaped.
  std::size_t model_at = 0;     ///< The model's JSON string, quotes included ...
  std::size_t model_size = 0;   ///< ... so that it can be spliced. 0: it does not stand there.
  bool bare_model = false;      ///< There are no quotes: it is a form's field ...
  std::size_t length_at = 0;    ///< ... whose length is written here ...
  std::size_t length_size = 0;  ///< ... in so many digits; 0: it is not written anywhere.
  bool stream = false;
  bool as_array = false;  ///< The stream is asked for as one JSON array, not as events.
  std::optional<std::int64_t> output_cap;
  std::string session;                 ///< From the body, where the dialect has it there.
  std::optional<std::int64_t> images;  ///< To be made.
  /// Makes upstream report usage in a stream whose caller did not ask for it; what it adds to the
  /// stream is taken out by the StreamScanner.
  std::optional<Splice> ask_usage;
  /// `usage: {include: true}`: the caller wants to be told what it cost. The splice takes the
  /// question out, for targets that would not understand it.
  std::optional<Splice> asks_cost;
  RouteWords routes;
  /// Take the list of models out of the body: they are tried here, one after the other.
  std::vector<Splice> without_models;
  /// Take the other words of `routes` out, for targets that would not understand them.
  std::vector<Splice> without_routes;
  /// In the place of `without_routes`: makes `order` and `only` null, for a target that understands
  /// such words, but of its own providers, and that these lists name itself.
  std::vector<Splice> without_providers;
  RequestNeeds needs;  ///< As far as the keys at the top of the body tell.
  /// What the conversation began with, which all its requests repeat: the system's words and all up
  /// to the user's first. Where it stands in the body: offset and length.
  std::vector<std::pair<std::size_t, std::size_t>> opening;
};

/// What an answer turned out to be.
struct Reading {
  Usage usage;
  std::string finish_reason;  ///< As the dialect writes it; unknown words become `other`.
  std::string model;          ///< As the upstream wrote it; printable, cut.
};

/// A whole answer, judged. `failure` none: it may go to the caller as it is.
struct Verdict {
  FailureClass failure = FailureClass::none;
  std::optional<std::chrono::seconds> retry_after;  ///< Header or body, capped at an hour.
  Reading reading;
};

/// Reads one streamed answer on its way through. Fed in any chunking; moves by whole events. Holds
/// an incomplete tail of at most 256 KiB; a longer event passes unparsed (usage then unknown).
/// Pure: no I/O, no clock.
class StreamScanner {
 public:
  virtual ~StreamScanner() = default;

  struct Step {
    /// To the caller, in order, bytes as they came less what we had asked for ourselves. Views into
    /// the scanner or the bytes just fed; valid until the next call.
    std::vector<std::string_view> forward;
    /// Something beyond a handshake is in `forward` or was before. Also an error that is the
    /// caller's own (caller_fault): every target would say it, so it is the answer.
    bool content = false;
    bool terminal = false;      ///< The terminal event is in `forward`: after it, nothing.
    std::size_t held_from = 0;  ///< If terminal: how many of `forward`'s views come before the
                                ///< terminal event (it is always the last view).
    /// The stream said that it failed. Its error event is the last of `forward` (for pass-through
    /// after content) and, but for one that announces another, also `terminal`. A stream that
    /// contradicts itself (two answers in one) ends the same way, with an error event of ours.
    FailureClass error = FailureClass::none;
    std::optional<std::chrono::seconds> retry_after;
  };
  virtual Step feed(std::string_view bytes) = 0;
  /// Upstream's clean end: an unterminated last event is judged and given out too.
  virtual Step end() = 0;

  /// For a caller that asked: the event that carries the usage is given out with what it cost.
  /// `cost` is asked once, when that event comes; nullopt: not known, the event passes as it is.
  virtual void tell_cost(std::function<std::optional<Money>(const Usage&)> cost) = 0;

  virtual const Reading& reading() const = 0;
  virtual bool finish_seen() const = 0;  ///< A finish reason came.
  /// What the caller counts as life, at this point of the stream; empty: nothing is safe now.
  virtual std::string keepalive() = 0;
  /// The stream's failure in the caller's dialect: one event (Responses: error + response.failed).
  virtual std::string error_event(const Refusal&) = 0;
};

/// An answer of ours in a dialect's words.
struct WrittenRefusal {
  int status = 400;
  std::vector<std::pair<std::string, std::string>> fields;  ///< Content-Type, Retry-After, ...
  std::string body;
};

/// A model as the lists show it.
struct ListedModel {
  std::string id;
  std::string display_name;
  std::string owner;
  std::int64_t created = 0;  ///< Unix seconds.
};

class Translation;

/// One wire format. Pure: no I/O, no clock, no configuration. A new one is a folder beside this
/// file and one line in registry.cpp.
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view id() const = 0;  ///< `openai-chat`, ...
  virtual std::span<const Operation> operations() const = 0;

  /// Names are compared after unescaping; a duplicate of a key we act on, or a second, differing
  /// cap, is refused: what we decided on is what the provider's parser will read.
  virtual tl::expected<Envelope, Refusal> read_envelope(const Operation&,
                                                        std::string_view body) const = 0;

  /// The same of a form; only asked of operations that take one. `body` is what it was read from.
  virtual tl::expected<Envelope, Refusal> read_form_envelope(const Operation&, const Form&,
                                                             std::string_view body) const {
    (void)body;
    return Envelope{};
  }

  /// What of an envelope a dialect says in path and query: added to what read_envelope made. `path`
  /// is one of the operation's.
  virtual void read_target(const Operation&, std::string_view path, std::string_view query,
                           Envelope& envelope) const {
    (void)path, (void)query, (void)envelope;
  }

  /// Words that make a path this dialect's where no operation stands there: for errors.
  virtual std::span<const std::string_view> path_words() const = 0;
  /// Does a head come from a program that speaks this? For paths that several dialects share.
  virtual bool is_spoken_in(http::Fields, std::string_view query) const {
    (void)query;
    return false;
  }
  /// Where its programs ask for the models, and under that for one of them.
  virtual std::span<const std::string_view> model_paths() const {
    static constexpr std::string_view shared[] = {"/v1/models"};
    return shared;
  }

  /// What the request may use at most. `body` has passed read_envelope.
  virtual tl::expected<Demand, Refusal> measure(const Operation&, std::string_view body) const = 0;
  /// The same of a form.
  virtual Demand measure_form(const Operation&, const Form&) const { return {}; }

  /// Puts an output cap in the place of the caller's, wherever it stands, or where there is none.
  virtual std::vector<Splice> write_cap(const Operation&, std::string_view body, std::int64_t cap,
                                        const Quirks&) const = 0;

  /// The change that tells a whole answer's caller what it cost, where it asked.
  virtual std::optional<Splice> write_cost(const Operation&, std::string_view body,
                                           Money) const = 0;

  /// Our rates in the words this dialect's clients read: names and values of head fields.
  virtual std::vector<std::pair<std::string, std::string>> write_rates(const RateState&,
                                                                       WallTime now) const = 0;

  /// Judges a whole answer (any status). `body` as far as it was held: at most 1 MiB.
  virtual Verdict judge(const Operation&, int status, http::Fields,
                        std::string_view body) const = 0;

  /// How a 200 to this request is read.
  virtual AnswerForm answer_form(const Operation&, const Envelope& asked, http::Fields) const {
    return asked.stream ? AnswerForm::events : AnswerForm::whole;
  }

  /// How the usage object of an answer is called.
  virtual std::string_view usage_name() const { return "usage"; }
  /// Such an object, as JSON; empty if it is none.
  virtual Usage read_usage(std::string_view json) const = 0;

  /// What may fill the silence before anything is known of a stream; empty: nothing.
  virtual std::string_view early_keepalive() const { return ": keep-alive\n"; }

  /// `usage_asked_by_us`: ask_usage was applied, so its extra chunk is removed on the way.
  virtual std::unique_ptr<StreamScanner> scan_stream(const Operation&,
                                                     bool usage_asked_by_us) const = 0;

  /// `program`: the caller's User-Agent; one agent needs another form (DESIGN §6).
  virtual WrittenRefusal write_refusal(const Refusal&, std::string_view trace_id,
                                       std::string_view program) const = 0;

  /// Should this header of a caller go upstream / of an upstream go to the caller? Hop-by-hop
  /// headers, cookies, credentials and framing are never asked about: they never go.
  virtual bool forwards_request_header(std::string_view name) const = 0;
  virtual bool forwards_response_header(std::string_view name) const = 0;

  virtual std::string write_model_list(std::span<const ListedModel>) const = 0;
  virtual std::string write_model(const ListedModel&) const = 0;

  /// The operation's requests as messages of a connection that remembers at most so many bytes;
  /// null: they are not spoken over WebSocket.
  virtual std::unique_ptr<Conversation> converse(const Operation&, std::size_t most_kept) const {
    (void)most_kept;
    return nullptr;
  }

  /// A request to the first operation that costs as good as nothing, for trying a provider out.
  virtual std::string write_trial(std::string_view model) const = 0;

  /// What turns this dialect into the neutral types and back; null: it is only passed through.
  virtual const Translation* translation() const { return nullptr; }
};

}  // namespace routerone::dialect
