#include "common/control/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/core/text.h"
#include "common/json/json.h"

namespace routerone::control {
namespace {

struct Row {
  ErrorKind kind;
  int status;
  std::string_view word;
};

constexpr std::array<Row, 9> rows = {{
    {ErrorKind::invalid, 400, "invalid"},
    {ErrorKind::unauthorized, 403, "unauthorized"},
    {ErrorKind::not_found, 404, "not_found"},
    {ErrorKind::conflict, 409, "conflict"},
    {ErrorKind::limit_reached, 402, "limit_reached"},
    {ErrorKind::not_running, 502, "not_running"},
    {ErrorKind::upstream_failed, 504, "upstream_failed"},
    {ErrorKind::unavailable, 503, "unavailable"},
    {ErrorKind::internal, 500, "internal"},
}};

const Row& row_of(ErrorKind kind) {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.kind == kind; });
  return row == rows.end() ? rows.back() : *row;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

int status_of(ErrorKind kind) { return row_of(kind).status; }
std::string_view word_of(ErrorKind kind) { return row_of(kind).word; }

std::string write_error(const Error& error) {
  Json body;
  body["error"] = {{"kind", word_of(error.kind)}, {"message", error.message}, {"hint", error.hint}};
  return body.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Error read_error(int status, std::string_view body) {
  const auto json = parse_json(body, 8);
  if (!json || !json->is_object() || !json->contains("error") || !(*json)["error"].is_object())
    return {ErrorKind::internal, fmt::format("the daemon answered {} and not in our words", status),
            "routerone restart"};
  const Json& error = (*json)["error"];
  const std::string word = text_of(error, "kind");
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.word == word; });
  return {row == rows.end() ? ErrorKind::internal : row->kind, text_of(error, "message"),
          text_of(error, "hint")};
}

Error version_mismatch(std::string_view theirs) {
  const std::string other = theirs.empty() ? "none" : printable(theirs, 16);
  return {
      ErrorKind::conflict,
      fmt::format("this routerone and the running daemon are of different versions (contract {} "
                  "here, {} there)",
                  contract_version, other),
      "routerone restart"};
}

}  // namespace routerone::control
