#include "daemon/dialect/gemini/grounding.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/gemini/fields.h"

namespace routerone::dialect::gemini {
namespace {

std::vector<chat::Citation> read_sources(Element metadata) {
  std::vector<chat::Citation> out;
  const auto chunks = field(metadata, "groundingChunks");
  simdjson::dom::array list;
  if (!chunks || chunks->get_array().get(list) != simdjson::SUCCESS) return out;
  for (const Element chunk : list) {
    chat::Citation source;
    if (const auto web = field(chunk, "web")) {
      source.url = text_field(*web, "uri");
      source.title = text_field(*web, "title");
    }
    out.push_back(std::move(source));
  }
  return out;
}

void read_support(Element support, const std::vector<chat::Citation>& sources,
                  const TextPlaces& text, std::vector<chat::Citation>& out) {
  const auto segment = field(support, "segment");
  const auto indices = field(support, "groundingChunkIndices");
  simdjson::dom::array list;
  if (!segment || !indices || indices->get_array().get(list) != simdjson::SUCCESS) return;
  const auto place = [&](std::string_view name) {
    const auto said = field(*segment, name);
    const std::int64_t at = said ? whole_of(*said).value_or(0) : 0;
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(at, 0, static_cast<std::int64_t>(text.bytes())));
  };
  const std::size_t from = place("startIndex"), to = place("endIndex");
  for (const Element index : list) {
    const auto at = whole_of(index);
    if (!at || *at < 0 || static_cast<std::size_t>(*at) >= sources.size()) continue;
    chat::Citation citation = sources[static_cast<std::size_t>(*at)];
    if (citation.url.empty()) continue;
    const std::int64_t last = text.characters_before(to);
    if (from < to && last >= 0) {
      citation.from = text.characters_before(from);
      citation.to = last;
    }
    out.push_back(std::move(citation));
  }
}

}  // namespace

std::vector<chat::Citation> read_grounding(Element metadata, const TextPlaces& text) {
  std::vector<chat::Citation> out;
  const std::vector<chat::Citation> sources = read_sources(metadata);
  const auto supports = field(metadata, "groundingSupports");
  simdjson::dom::array list;
  if (supports && supports->get_array().get(list) == simdjson::SUCCESS) {
    for (const Element support : list) read_support(support, sources, text, out);
  }
  if (!out.empty()) return out;
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(out),
               [](const chat::Citation& source) { return !source.url.empty(); });
  return out;
}

void write_grounding(JsonOut& out, const std::vector<chat::Citation>& citations,
                     const TextPlaces& places, std::string_view text) {
  if (citations.empty()) return;
  out.object("groundingMetadata").array("groundingChunks");
  for (const chat::Citation& each : citations) {
    out.object().object("web").text("uri", each.url).text("title", each.title);
    out.end_object().end_object();
  }
  out.end_array().array("groundingSupports");
  for (std::size_t i = 0; i < citations.size(); ++i) {
    const chat::Citation& each = citations[i];
    if (each.from >= each.to) continue;
    const std::size_t from = places.byte_of(each.from), to = places.byte_of(each.to);
    out.object().object("segment").whole("startIndex", static_cast<std::int64_t>(from));
    out.whole("endIndex", static_cast<std::int64_t>(to));
    if (!text.empty()) out.text("text", text.substr(from, to - from));
    out.end_object();
    out.array("groundingChunkIndices").whole(static_cast<std::int64_t>(i)).end_array();
    out.end_object();
  }
  out.end_array().end_object();
}

}  // namespace routerone::dialect::gemini
