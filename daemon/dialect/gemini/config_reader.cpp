#include "daemon/dialect/gemini/config_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "common/core/text.h"
#include "daemon/dialect/effort.h"
#include "daemon/dialect/gemini/schema_reader.h"
#include "daemon/dialect/json_text.h"

namespace routerone::dialect::gemini {
namespace {

class ConfigReader {
 public:
  ConfigReader(chat::Request& out, Findings& findings) : out_(out), findings_(findings) {}
  void read(Element config);

 private:
  struct Field {
    std::string_view name;
    void (ConfigReader::*read)(Element);
  };
  static const Field fields[];

  void temperature(Element value) { number(value, "temperature", out_.temperature); }
  void top_p(Element value) { number(value, "topP", out_.top_p); }
  void top_k(Element);
  void presence(Element value) { number(value, "presencePenalty", out_.presence_penalty); }
  void frequency(Element value) { number(value, "frequencyPenalty", out_.frequency_penalty); }
  void seed(Element value) { whole(value, "seed", out_.seed); }
  void max_output_tokens(Element value) { whole(value, "maxOutputTokens", out_.output_cap); }
  void candidate_count(Element);
  void stop_sequences(Element);
  void media_type(Element);
  void json_schema(Element);
  void schema(Element);
  void thinking(Element);
  void modalities(Element);
  void logprobs(Element);
  void speech(Element) { only_here("speechConfig"); }
  void image(Element) { only_here("imageConfig"); }

  void number(Element, std::string_view name, std::optional<double>& out);
  void whole(Element, std::string_view name, std::optional<std::int64_t>& out);
  void only_here(std::string_view name) { findings_.only_here(path_of(name)); }
  static std::string path_of(std::string_view name) {
    return "generationConfig." + std::string(name);
  }

  chat::Request& out_;
  Findings& findings_;
};

const ConfigReader::Field ConfigReader::fields[] = {
    {"temperature", &ConfigReader::temperature},
    {"topP", &ConfigReader::top_p},
    {"topK", &ConfigReader::top_k},
    {"presencePenalty", &ConfigReader::presence},
    {"frequencyPenalty", &ConfigReader::frequency},
    {"seed", &ConfigReader::seed},
    {"maxOutputTokens", &ConfigReader::max_output_tokens},
    {"candidateCount", &ConfigReader::candidate_count},
    {"stopSequences", &ConfigReader::stop_sequences},
    {"responseMimeType", &ConfigReader::media_type},
    {"responseJsonSchema", &ConfigReader::json_schema},
    {"responseSchema", &ConfigReader::schema},
    {"thinkingConfig", &ConfigReader::thinking},
    {"responseModalities", &ConfigReader::modalities},
    {"responseLogprobs", &ConfigReader::logprobs},
    {"speechConfig", &ConfigReader::speech},
    {"imageConfig", &ConfigReader::image},
};

void ConfigReader::read(Element config) {
  simdjson::dom::object object;
  if (config.get_object().get(object) != simdjson::SUCCESS) {
    return findings_.wrong("generationConfig", "must be an object");
  }
  for (const auto [name, value] : object) {
    if (value.is_null()) continue;
    const std::string known = camel_case(name);
    const auto* const found = std::find_if(std::begin(fields), std::end(fields),
                                           [&](const Field& each) { return each.name == known; });
    if (found == std::end(fields)) {
      findings_.hint(path_of(known));
    } else {
      (this->*found->read)(value);
    }
  }
}

void ConfigReader::number(Element value, std::string_view name, std::optional<double>& out) {
  out = number_of(value);
  if (!out) findings_.wrong(path_of(name), "must be a number");
}

void ConfigReader::whole(Element value, std::string_view name, std::optional<std::int64_t>& out) {
  out = whole_of(value);
  if (!out) findings_.wrong(path_of(name), "must be a whole number");
}

/// Written as a fraction by some SDKs.
void ConfigReader::top_k(Element value) {
  const auto said = number_of(value);
  if (!said || std::abs(*said) > 1e9) return findings_.wrong(path_of("topK"), "must be a number");
  out_.top_k = std::llround(*said);
}

/// Others answer once, or number their answers in another way.
void ConfigReader::candidate_count(Element value) {
  std::optional<std::int64_t> count;
  whole(value, "candidateCount", count);
  out_.choices = std::max<std::int64_t>(count.value_or(1), 1);
  if (out_.choices > 1) only_here("candidateCount");
}

void ConfigReader::stop_sequences(Element value) {
  simdjson::dom::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) {
    return findings_.wrong(path_of("stopSequences"), "must be a list");
  }
  for (const Element each : list) {
    std::string_view stop;
    if (each.get_string().get(stop) != simdjson::SUCCESS) {
      return findings_.wrong(path_of("stopSequences"), "must hold texts");
    }
    if (!stop.empty()) out_.stops.emplace_back(stop);
  }
}

void ConfigReader::media_type(Element value) {
  std::string_view type;
  if (value.get_string().get(type) != simdjson::SUCCESS) return;
  if (type == "application/json") {
    if (out_.format.kind == chat::Format::Kind::text) out_.format.kind = chat::Format::Kind::json;
  } else if (!type.empty() && type != "text/plain") {
    only_here("responseMimeType");
  }
}

void ConfigReader::json_schema(Element value) {
  if (!value.is_object())
    return findings_.wrong(path_of("responseJsonSchema"), "must be an object");
  out_.format.kind = chat::Format::Kind::schema;
  out_.format.name = "response";
  out_.format.schema = json_text(value);
}

void ConfigReader::schema(Element value) {
  if (!value.is_object()) return findings_.wrong(path_of("responseSchema"), "must be an object");
  out_.format.kind = chat::Format::Kind::schema;
  out_.format.name = "response";
  out_.format.schema = json_schema_of(value);
}

/// Thoughts are shown only to those who ask for them.
void ConfigReader::thinking(Element value) {
  chat::Reasoning& out = out_.reasoning;
  out.visible = flag_field(value, "includeThoughts");
  const std::string level = lower(text_field(value, "thinkingLevel"));
  if (const auto effort = read_effort(level)) {
    out.effort = effort;
  } else if (!level.empty() && level != "thinking_level_unspecified") {
    findings_.wrong(path_of("thinkingConfig.thinkingLevel"), "is not a known level");
  }
  const auto budget = field(value, "thinkingBudget");
  if (!budget) return;
  const auto tokens = whole_of(*budget);
  if (!tokens) {
    findings_.wrong(path_of("thinkingConfig.thinkingBudget"), "must be a whole number");
  } else if (*tokens < 0) {
    out.adaptive = true;
  } else if (*tokens == 0) {
    out.off = true;
  } else {
    out.budget = *tokens;
  }
}

void ConfigReader::modalities(Element value) {
  simdjson::dom::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return;
  for (const Element each : list) {
    std::string_view word;
    if (each.get_string().get(word) == simdjson::SUCCESS && !iequals(word, "TEXT")) {
      return only_here("responseModalities");
    }
  }
}

void ConfigReader::logprobs(Element value) {
  bool asked = false;
  if (value.get_bool().get(asked) == simdjson::SUCCESS && asked) only_here("responseLogprobs");
}

}  // namespace

void read_config(Element config, chat::Request& out, Findings& findings) {
  ConfigReader(out, findings).read(config);
}

}  // namespace routerone::dialect::gemini
