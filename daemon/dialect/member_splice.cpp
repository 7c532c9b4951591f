#include "daemon/dialect/member_splice.h"

#include <utility>

namespace routerone::dialect {

std::size_t name_at(std::string_view body, const Picked& member) {
  const std::size_t colon = body.rfind(':', member.at(body) - 1);
  const std::size_t closing = body.rfind('"', colon);
  return body.rfind('"', closing - 1);
}

Splice insertion(std::string_view body, const Picked& anchor, std::string text) {
  return {name_at(body, anchor), 0, std::move(text) + ","};
}

Splice new_value(std::string_view body, const Picked& member, std::string value) {
  return {member.at(body), member.value.size(), std::move(value)};
}

Splice new_member(std::string_view body, const Picked& old, std::string member) {
  const std::size_t start = name_at(body, old);
  return {start, old.at(body) + old.value.size() - start, std::move(member)};
}

Splice removal(std::string_view body, const Picked& member, const Picked& anchor) {
  std::size_t start = name_at(body, member);
  std::size_t end = member.at(body) + member.value.size();
  if (start < anchor.at(body)) {
    end = body.find(',', end) + 1;
  } else {
    start = body.rfind(',', start);
  }
  return {start, end - start, ""};
}

}  // namespace routerone::dialect
