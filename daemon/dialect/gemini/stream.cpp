#include "daemon/dialect/gemini/stream.h"

#include <algorithm>
#include <array>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/gemini/chunk.h"
#include "daemon/dialect/gemini/usage.h"
#include "daemon/dialect/gemini/words.h"
#include "daemon/dialect/text_find.h"

namespace routerone::dialect::gemini {
namespace {

constexpr std::array<std::string_view, 1> usage_place = {"usageMetadata"};

bool is_before_content(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\xEF' || c == '\xBB' ||
         c == '\xBF';
}

}  // namespace

Events::Judged Events::judge(const SseEvent& event) {
  const ChunkNews news = read_chunk(event.data, reading_);
  if (news.failure != FailureClass::none) return {Meaning::error, news.failure, news.retry_after};
  finish_seen_ = finish_seen_ || news.finish;
  Judged judged{news.content ? Meaning::content : Meaning::handshake};
  judged.bills = news.usage && finish_seen_;
  return judged;
}

void Events::read_long_tail(std::string_view tail) { read_tail(tail, reading_, finish_seen_); }

std::string Events::write_error(const Refusal& refusal) {
  return "data: " + error_body(refusal) + "\r\n\r\n";
}

std::span<const std::string_view> Events::usage_path() const { return usage_place; }

StreamScanner& Stream::current() {
  if (array_) return *array_;
  return events_;
}

StreamScanner::Step Stream::feed(std::string_view bytes) {
  if (!begun_) {
    const auto first = std::find_if_not(bytes.begin(), bytes.end(), is_before_content);
    before_.append(bytes);
    if (first == bytes.end()) return {};
    begun_ = true;
    if (*first == '[') array_ = std::make_unique<ArrayStream>();
    return current().feed(before_);
  }
  return current().feed(bytes);
}

}  // namespace routerone::dialect::gemini
