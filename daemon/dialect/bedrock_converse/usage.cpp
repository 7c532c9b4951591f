#include "daemon/dialect/bedrock_converse/usage.h"

#include "daemon/dialect/dom.h"

namespace routerone::dialect::bedrock_converse {

Usage read_usage(simdjson::dom::element usage) {
  Usage out;
  out.input = count_member(usage, "inputTokens");
  out.cache_read = count_member(usage, "cacheReadInputTokens");
  out.cache_write_5m = count_member(usage, "cacheWriteInputTokens");
  out.output = count_member(usage, "outputTokens");
  return out;
}

}  // namespace routerone::dialect::bedrock_converse
