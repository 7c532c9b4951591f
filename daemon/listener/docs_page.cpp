#include "daemon/listener/docs_page.h"

#include <fmt/format.h>

#include <span>

#include "daemon/dialect/registry.h"
#include "daemon/listener/page_words.h"

namespace routerone {
namespace {

using dialect::Dialect;
using dialect::Operation;
using dialect::OperationKind;

std::string begin_words(std::uint16_t port) {
  return fmt::format(
      R"(# routerone

A gateway on this machine for language models. It speaks the wire formats of the usual SDKs: point a
program's base URL here and give it a routerone key; the providers' own keys stay here.

| SDK or format | base URL |
|---|---|
| OpenAI, and what is compatible with it | `http://127.0.0.1:{0}/v1` |
| Anthropic | `http://127.0.0.1:{0}` |
| Gemini | `http://127.0.0.1:{0}` |

`GET /models.md` lists what can be asked for now, `GET /openapi.json` describes the paths,
`GET /healthz` answers while the gateway runs. These four need no key; all else does.

## Keys
A person makes one with `routerone keys create NAME` and sees it once: `sk-rk-..`. Send it in one of:

)",
      port);
}

std::string_view kind_words(OperationKind kind) {
  switch (kind) {
    case OperationKind::generate:
      return "whole or streamed";
    case OperationKind::embed:
    case OperationKind::media:
      return "whole";
    case OperationKind::count:
      return "free, exempt from limits";
  }
  return "";
}

void add_paths(std::string& out, const Dialect& dialect) {
  for (const Operation& operation : dialect.operations()) {
    const auto others = dialect::translatable_to(dialect, operation);
    out += fmt::format("| `POST {}` | {} | {}{} | {} |\n", operation.path, dialect.id(),
                       kind_words(operation.kind), operation.takes_form ? ", also a form" : "",
                       others.empty() ? "no" : "translated");
  }
}

void add_named(std::string& out, std::span<const NamedWords> rows) {
  for (const NamedWords& row : rows) out += fmt::format("| `{}` | {} |\n", row.name, row.words);
}

constexpr const char* after_paths = R"(
`GET /v1/models` (and `/v1beta/models`) lists the models in the shape that the asking SDK expects.
`GET /v1/key` and `GET /v1/credits` tell what the calling key may still spend.
Streams are server-sent events; `POST` bodies are JSON, not compressed.

## Models
`model` may be: an alias of this gateway's owner; `auto` or `auto:NAME`, to let it choose from the
owner's list; a canonical id (`lab/model`) or a known alias of it; `PROVIDER/UPSTREAM_ID` of a
provider that was added; a bare name that only one model has. `MODEL@PROVIDER` pins the provider.
The model asked for is the one that answers: if its provider fails, the same model is asked of
another, unless a chain of other models was set up. A dead stream is never finished as if it were whole.

## Routing words
In the body of OpenAI-style requests: `models` (to try one after the other), `provider` with `order`,
`only`, `ignore`, `allow_fallbacks`, `sort` (price, throughput, latency), `max_price`,
`data_collection`, `zdr`, `require_parameters`, `quantizations`; `usage: {"include": true}` adds the
cost to the usage. As head fields:

| field | means |
|---|---|
)";

constexpr const char* before_refusals = R"(
## Refusals
In the asking dialect's own form; `x-should-retry: false` where trying again is pointless. A
provider's own error comes through as it is.

| when | what to do |)";

int status_of(const Dialect& dialect, RefusalKind kind) {
  return dialect.write_refusal({kind, "", "", {}}, "", "").status;
}

void add_refusals(std::string& out) {
  out += before_refusals;
  for (const Dialect* dialect : dialect::all()) out += fmt::format(" {} |", dialect->id());
  out += "\n|---|---|";
  for (std::size_t i = 0; i < dialect::all().size(); ++i) out += "---|";
  out += "\n";
  for (const RefusalWords& row : refusals) {
    out += fmt::format("| {} | {} |", row.when, row.then);
    for (const Dialect* dialect : dialect::all())
      out += fmt::format(" {} |", status_of(*dialect, row.kind));
    out += "\n";
  }
}

constexpr const char* privacy = R"(
## What is kept
Of each request: times, sizes, tokens, cost, who served, how it ended. Never a prompt or an answer.
)";

}  // namespace

std::string docs_page(std::uint16_t port) {
  std::string out = begin_words(port);
  out += "| where | how |\n|---|---|\n";
  add_named(out, key_places);
  out += "\n## Paths\n| path | format | answers | models of other formats |\n|---|---|---|---|\n";
  for (const Dialect* dialect : dialect::all()) add_paths(out, *dialect);
  out += after_paths;
  add_named(out, request_fields);
  out += "\n## Head fields of answers\n| field | means |\n|---|---|\n";
  add_named(out, answer_fields);
  add_refusals(out);
  return out + privacy;
}

}  // namespace routerone
