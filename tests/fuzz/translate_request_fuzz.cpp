// A request of one dialect for a target of another: whatever a caller sends, it is refused in the
// caller's words or becomes a request that the target's rules allow, the same each time; and that
// can be read by the target's own reader and turned back.
#include "tests/fuzz/legal_request.h"
#include "tests/fuzz/pair.h"

using namespace routerone;

namespace {

void check_refusal(const dialect::Dialect& dialect, const Refusal& refusal) {
  fuzz::require(!refusal.message.empty(), "a refusal says why");
  const auto written = dialect.write_refusal(refusal, "trace", "program");
  fuzz::require(Json::accept(written.body), "a refusal is sound JSON");
}

const dialect::Operation& operation_of(const dialect::Dialect& dialect, bool counts) {
  for (const dialect::Operation& each : dialect.operations()) {
    if (counts && each.kind == dialect::OperationKind::count) return each;
  }
  return dialect.operations().front();
}

std::string path_of(const dialect::Operation& operation) {
  std::string path(operation.path);
  const std::size_t at = path.find("{model}");
  if (at != path.npos) path.replace(at, 7, "m");
  return path;
}

void check_written(const dialect::WrittenRequest& written, const chat::Request& asked,
                   const fuzz::Pair& pair) {
  fuzz::require(written.path.starts_with('/'), "a path");
  const Json body = Json::parse(written.body, nullptr, false);
  fuzz::require_legal(fuzz::illegal_request(pair.to->dialect, body, asked.count_only),
                      written.body);
  const dialect::Dialect& to = pair.to_dialect();
  const dialect::Operation& operation = operation_of(to, asked.count_only);
  const auto envelope = to.read_envelope(operation, written.body);
  fuzz::require_legal(envelope ? "" : "no envelope: " + envelope.error().message, written.body);
  if (!asked.count_only && !envelope->model.empty()) {
    fuzz::require(envelope->stream == asked.stream, "streamed as it was asked for");
  }
  const auto again = to.translation()->read_request(operation, path_of(operation), written.body);
  fuzz::require_legal(again ? "" : "its own reader: " + again.error().message, written.body);
  const auto back = pair.from_dialect().translation()->write_request(
      *again, fuzz::target_for(*pair.from, pair.more_flags >> 4));
  if (!back) return check_refusal(to, back.error());
  const Json back_body = Json::parse(back->body, nullptr, false);
  fuzz::require_legal(fuzz::illegal_request(pair.from->dialect, back_body, again->count_only),
                      back->body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Pair pair(data, size);
  const std::string body = pair.body(pair.from->requests);
  const dialect::Dialect& from = pair.from_dialect();
  const dialect::Operation& operation = operation_of(from, (pair.flags & 1) != 0);
  // Only what has an envelope and a measure is ever translated.
  if (!from.read_envelope(operation, body) || !from.measure(operation, body)) return 0;
  const std::string path = path_of(operation);
  const auto asked = from.translation()->read_request(operation, path, body);
  if (!asked) {
    check_refusal(from, asked.error());
    return 0;
  }
  const Target target = fuzz::target_for(*pair.to, pair.more_flags);
  const auto written = pair.to_dialect().translation()->write_request(*asked, target);
  if (!written) {
    check_refusal(from, written.error());
    return 0;
  }
  const auto twice = pair.to_dialect().translation()->write_request(*asked, target);
  fuzz::require(twice && twice->body == written->body, "the same each time");
  check_written(*written, *asked, pair);
  return 0;
}
