#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/json.h"
#include "tests/fuzz/mutant.h"

namespace routerone::fuzz {

/// What a dialect can say, as much of it as possible in little text: where changes start from.
struct Samples {
  std::string_view dialect;
  Json requests;  ///< A list of bodies.
  Json answers;   ///< A list of bodies.
  Json streams;   ///< A list of lists of events: `[name, data]`, data JSON or bare text.
  std::vector<std::string> words;
};

std::array<std::string_view, 3> chat_samples();
std::array<std::string_view, 3> responses_samples();
std::array<std::string_view, 3> messages_samples();
std::array<std::string_view, 3> gemini_samples();

inline Samples make_samples(std::string_view dialect, std::array<std::string_view, 3> texts) {
  Samples out{dialect, {}, {}, {}, {}};
  std::size_t kind = 0;
  for (Json* const each : {&out.requests, &out.answers, &out.streams}) {
    *each = Json::parse(texts[kind++], nullptr, false);
    if (each->is_discarded()) {
      std::fprintf(stderr, "no JSON: sample %zu of %s\n", kind, out.dialect.data());
      std::abort();
    }
    add_words(*each, out.words);
  }
  std::sort(out.words.begin(), out.words.end());
  out.words.erase(std::unique(out.words.begin(), out.words.end()), out.words.end());
  return out;
}

/// One for each dialect that is translated.
inline const std::array<Samples, 4>& all_samples() {
  static const std::array<Samples, 4> all = {make_samples("openai-chat", chat_samples()),
                                             make_samples("openai-responses", responses_samples()),
                                             make_samples("anthropic", messages_samples()),
                                             make_samples("gemini", gemini_samples())};
  return all;
}

}  // namespace routerone::fuzz
