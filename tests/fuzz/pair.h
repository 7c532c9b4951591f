#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/registry.h"
#include "daemon/dialect/translation.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/mutant.h"
#include "tests/fuzz/samples.h"

namespace routerone::fuzz {

/// Which two dialects an input is about, and its other choices; then what makes its text.
///   byte 0: from (2 bits), to (2 bits), bare text or changed samples (1 bit), flags (3 bits)
///   byte 1: which sample;  byte 2: further flags;  the rest: text, or changes
struct Pair {
  Pair(const std::uint8_t* data, std::size_t size) : bytes({data, size}) {
    const std::size_t first = bytes.one();
    from = &all_samples()[first % 4];
    to = &all_samples()[first / 4 % 4];
    bare = (first & 16) != 0;
    flags = first >> 5;
    sample = bytes.one();
    more_flags = bytes.one();
  }

  const dialect::Dialect& from_dialect() const { return *dialect::find(from->dialect); }
  const dialect::Dialect& to_dialect() const { return *dialect::find(to->dialect); }

  /// One of `samples`, changed.
  Json changed(const Json& samples) {
    Mutant mutant(samples[sample % samples.size()], from->words);
    mutant.change(bytes);
    return mutant.json();
  }
  /// The rest as text; bytes above 127 stand for words.
  std::string text() const {
    const std::vector<std::string_view> words(from->words.begin(), from->words.end());
    return Input(bytes.rest().data(), bytes.rest().size(), words).text();
  }
  std::string body(const Json& samples) { return bare ? text() : spoiled(changed(samples).dump()); }

  Bytes bytes;
  const Samples* from;
  const Samples* to;
  bool bare;
  std::size_t flags, sample, more_flags;
};

/// A model that the dialect's rules tell apart from others, and one that nobody knows.
inline Target target_for(const Samples& to, std::size_t which) {
  static const std::vector<std::vector<std::string>> models = {
      {"some-model", "gpt-5.6", "deepseek-v4", "gpt-4o"},
      {"gpt-5.6", "some-model", "o3", "gpt-4.1"},
      {"claude-opus-4-6", "claude-haiku-4-5", "claude-fable-5-1", "some-model"},
      {"gemini-3-pro", "gemini-2.5-flash", "gemini-2.0-flash", "some-model"}};
  static std::vector<Endpoint> endpoints(4);
  const auto place = static_cast<std::size_t>(&to - all_samples().data());
  endpoints[place].provider = "p";
  endpoints[place].dialect = to.dialect;
  Target out;
  out.endpoint = &endpoints[place];
  const std::string& model = models[place][which % 4];
  out.name = name_target({"p", "", "lab/" + model, model});
  out.quirks.max_completion_tokens = (which & 4) != 0;
  if ((which & 8) != 0) out.max_output = 1000;
  return out;
}

inline const dialect::AnswerFacts facts = {"req_r1_1", 1'795'000'000, "as/asked"};

/// Tells what is wrong before it ends the run.
inline void require_legal(const std::string& wrong, std::string_view text) {
  if (wrong.empty()) return;
  std::fprintf(stderr, "%s\nin: %.*s\n", wrong.c_str(), static_cast<int>(text.size()), text.data());
  std::abort();
}

}  // namespace routerone::fuzz
