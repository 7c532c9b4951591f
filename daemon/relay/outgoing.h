#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/translation.h"
#include "daemon/relay/journey.h"
#include "daemon/upstream/upstream.h"

namespace routerone {

/// The caller's request as it goes to one target, and the way its answer comes back. Where both
/// speak the same dialect: the caller's bytes, with the model's name, an affordable output cap and
/// the question for usage spliced in where needed. Else it is translated, whole. Pieces are views
/// into the caller's body and into this; lives until the answer has gone out.
class Outgoing {
 public:
  Outgoing(const Journey&, const Target&);
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  /// Why the target cannot be asked this at all.
  const std::optional<Refusal>& refusal() const { return refusal_; }
  bool translated() const { return asked_.has_value(); }

  /// As it is sent; views into this.
  upstream::Request request() const { return {*target_.endpoint, "POST", path_, fields_, pieces_}; }
  const std::vector<std::string>& dropped() const { return written_.dropped; }

  /// Reads the target's stream and gives it out in the caller's words.
  std::unique_ptr<dialect::StreamScanner> scan_stream() const;
  /// How the target's 200 is read.
  dialect::AnswerForm answer_form(http::Fields) const;
  /// Judges a whole answer by the target's dialect.
  dialect::Verdict judge(int status, http::Fields, std::string_view body) const;
  /// The hints that a translated request was refused for and can go without; empty: it was not, or
  /// it would be no other request. `body` is the target's 400.
  std::vector<const dialect::Hint*> refused_for(std::string_view body) const;
  /// A stream that came where a whole answer was asked for becomes one. False: nothing was done.
  bool make_whole(int status, std::string& body) const;
  /// A whole answer that was judged good, in the caller's words. False: it cannot be read.
  bool translate_answer(std::string& body) const;

 private:
  using Written = tl::expected<dialect::WrittenRequest, Refusal>;

  void pass_on(const Target&);
  void translate(const Target&);
  tl::expected<chat::Request, Refusal> read_asked() const;
  Written write_without(chat::Request, const std::vector<const dialect::Hint*>&,
                        std::vector<const dialect::Hint*>& gone) const;

  const Journey& journey_;
  const Target& target_;
  const dialect::Dialect& target_dialect_;
  const dialect::Operation* operation_;  ///< The target's.
  std::optional<Refusal> refusal_;
  std::string path_;
  std::vector<http::Field> fields_;
  std::vector<dialect::Splice> splices_;
  std::vector<std::string_view> pieces_;
  bool usage_asked_by_us_ = false;
  std::optional<chat::Request> asked_;  ///< What the caller wants of a translated answer.
  dialect::WrittenRequest written_;
};

}  // namespace routerone
