#include "cli/commands/values.h"

namespace routerone::cli::value {

const char* word_of(Value::Kind kind) {
  using Kind = Value::Kind;
  switch (kind) {
    case Kind::none:
      return "none";
    case Kind::text:
      return "text";
    case Kind::choice:
      return "choice";
    case Kind::number:
      return "number";
    case Kind::usd:
      return "usd";
    case Kind::percent:
      return "percent";
    case Kind::duration:
      return "duration";
    case Kind::time:
      return "time";
    case Kind::zone:
      return "zone";
    case Kind::address:
      return "address";
    case Kind::url:
      return "url";
    case Kind::reference:
      return "reference";
    case Kind::weights:
      return "weights";
    case Kind::file:
      return "file";
    case Kind::folder:
      return "folder";
    case Kind::program:
      return "program";
    case Kind::command:
      return "command";
    case Kind::tool:
      return "tool";
    case Kind::key:
      return "key";
    case Kind::project:
      return "project";
    case Kind::provider:
      return "provider";
    case Kind::catalog_provider:
      return "catalog_provider";
    case Kind::credential:
      return "credential";
    case Kind::model:
      return "model";
    case Kind::alias:
      return "alias";
    case Kind::candidates:
      return "candidates";
    case Kind::run:
      return "run";
    case Kind::session:
      return "session";
    case Kind::trace:
      return "trace";
    case Kind::scope:
      return "scope";
    case Kind::filter:
      return "filter";
  }
  return "text";
}

}  // namespace routerone::cli::value
