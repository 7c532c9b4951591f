#include "daemon/dialect/gemini/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::gemini {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

std::string snake_case(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_capital(c)) {
      out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string camel_case(std::string_view name) {
  std::string out;
  bool raise = false;
  for (const char c : name) {
    if (c == '_' && !out.empty()) {
      raise = true;
      continue;
    }
    out += raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    raise = false;
  }
  return out;
}

std::optional<Element> field(Element object, std::string_view name) {
  if (auto found = member(object, name)) return found;
  if (std::none_of(name.begin(), name.end(), is_capital)) return std::nullopt;
  return member(object, snake_case(name));
}

std::string_view text_field(Element object, std::string_view name) {
  const auto found = field(object, name);
  std::string_view text;
  if (found && found->get_string().get(text) != simdjson::SUCCESS) return {};
  return text;
}

bool flag_field(Element object, std::string_view name) {
  const auto found = field(object, name);
  bool flag = false;
  return found && found->get_bool().get(flag) == simdjson::SUCCESS && flag;
}

std::optional<double> number_of(Element value) {
  double number = 0;
  if (value.get_double().get(number) == simdjson::SUCCESS) return number;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> whole_of(Element value) {
  std::int64_t whole = 0;
  if (value.get_int64().get(whole) == simdjson::SUCCESS) return whole;
  const auto number = number_of(value);
  constexpr double most = 9e15;  // whole numbers are exact up to here
  if (!number || std::abs(*number) > most || std::floor(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::string usual_base64(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '-', '+');
  std::replace(out.begin(), out.end(), '_', '/');
  const bool plain = out.find_first_of(" \t\r\n=") == std::string::npos;
  while (plain && out.size() % 4 != 0) out += '=';
  return out;
}

void Findings::hint(std::string_view name) {
  if (std::find(hints.begin(), hints.end(), name) == hints.end()) hints.emplace_back(name);
}

void Findings::wrong(std::string_view param, std::string_view what) {
  if (!problem) problem = malformed(param, what);
}

}  // namespace routerone::dialect::gemini
