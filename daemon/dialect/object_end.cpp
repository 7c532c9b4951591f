#include "daemon/dialect/object_end.h"

namespace routerone::dialect {

void ObjectEnd::feed(std::string_view piece) {
  bytes_ += piece.size();
  for (const char c : piece) at_ = next(c);
}

ObjectEnd::At ObjectEnd::next(char c) {
  const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
  switch (at_) {
    case At::before:
      if (blank) return At::before;
      depth_ = 1;
      return c == '{' ? At::inside : At::other;
    case At::inside:
      if (c == '"') return At::string;
      if (c == '{' || c == '[') ++depth_;
      if ((c == '}' || c == ']') && --depth_ == 0) return At::behind;
      return At::inside;
    case At::string:
      return c == '\\' ? At::escape : c == '"' ? At::inside : At::string;
    case At::escape:
      return At::string;
    case At::behind:
      return blank ? At::behind : At::other;
    case At::other:
      return At::other;
  }
  return At::other;
}

}  // namespace routerone::dialect
