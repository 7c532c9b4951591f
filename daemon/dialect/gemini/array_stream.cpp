#include "daemon/dialect/gemini/array_stream.h"

#include "daemon/dialect/gemini/chunk.h"
#include "daemon/dialect/gemini/words.h"

namespace routerone::dialect::gemini {
namespace {

Refusal cut_short() {
  return {
      RefusalKind::upstream_failed, "the provider broke off in the middle of its answer", "", {}};
}

/// Where the element in a piece of the array starts: behind the bracket or comma before it.
std::string_view element_in(std::string_view piece) {
  const std::size_t at = piece.find('{');
  return at == std::string_view::npos ? std::string_view() : piece.substr(at);
}

}  // namespace

StreamScanner::Step ArrayStream::feed(std::string_view bytes) {
  Step out;
  given_.clear();
  for (const char c : bytes) {
    if (done_) break;
    held_ += c;
    const At at = step(c);
    if (at == At::element) take_element(out);
    if (at == At::closed) close(out);
    if (held_.size() > longest_held && depth_ > 1) give_long(out);
  }
  give_out(out);
  return out;
}

StreamScanner::Step ArrayStream::end() {
  Step out;
  given_.clear();
  give_out(out);
  return out;
}

ArrayStream::At ArrayStream::step(char c) {
  if (inside_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      inside_string_ = false;
    }
    return At::nothing;
  }
  if (c == '"') inside_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  if ((c != '}' && c != ']') || depth_ == 0) return At::nothing;
  --depth_;
  if (depth_ == 1) return At::element;
  return depth_ == 0 ? At::closed : At::nothing;
}

void ArrayStream::take_element(Step& out) {
  any_ = true;
  if (long_) {
    long_ = false;
    read_tail(held_, reading_, finish_seen_);
    given_ += held_;
    held_.clear();
    return;
  }
  const ChunkNews news = read_chunk(element_in(held_), reading_);
  finish_seen_ = finish_seen_ || news.finish;
  content_ = content_ || news.content || news.failure == FailureClass::caller_fault;
  if (news.failure == FailureClass::none) {
    given_ += held_;
  } else {
    out.error = news.failure;
    out.retry_after = news.retry_after;
    out.terminal = done_ = true;
    last_ = held_ + "\n]";
  }
  held_.clear();
}

/// All but the end, where the usage stands.
void ArrayStream::give_long(Step&) {
  constexpr std::size_t kept = 16 << 10;
  long_ = content_ = true;
  given_.append(held_, 0, held_.size() - kept);
  held_.erase(0, held_.size() - kept);
}

void ArrayStream::close(Step& out) {
  out.terminal = done_ = true;
  if (finish_seen_) {
    last_ = held_;
  } else {
    out.error = FailureClass::cut;
    done_ = false;
    last_ = error_event(cut_short());
    done_ = true;
  }
  held_.clear();
}

void ArrayStream::give_out(Step& out) {
  out.content = content_;
  if (!given_.empty()) out.forward.push_back(given_);
  out.held_from = out.forward.size();
  if (out.terminal) out.forward.push_back(last_);
}

std::string ArrayStream::error_event(const Refusal& why) {
  if (done_ || long_) return {};
  return (any_ ? ",\n" : "[") + error_body(why) + "\n]";
}

}  // namespace routerone::dialect::gemini
