#include "common/core/money.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"

namespace routerone {
namespace {

constexpr int decimals = 12;
constexpr std::uint64_t one_usd = 1'000'000'000'000;

/// A decimal number taken apart: sign, digits without needless zeros, and a power of ten.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

bool take_digits(std::string_view& rest, std::string& into) {
  const auto end =
      std::find_if(rest.begin(), rest.end(), [](char c) { return c < '0' || c > '9'; });
  const auto count = static_cast<std::size_t>(end - rest.begin());
  into.append(rest.substr(0, count));
  rest.remove_prefix(count);
  return count > 0;
}

bool take(std::string_view& rest, char wanted) {
  if (rest.empty() || lower(rest.front()) != wanted) return false;
  rest.remove_prefix(1);
  return true;
}

bool take_exponent(std::string_view& rest, int& exponent) {
  if (!take(rest, 'e')) return true;
  const bool negative = take(rest, '-');
  if (!negative) take(rest, '+');
  std::string digits;
  if (!take_digits(rest, digits) || digits.size() > 3) return false;
  const int value = static_cast<int>(*parse_uint(digits));
  exponent += negative ? -value : value;
  return true;
}

void drop_needless_zeros(Decimal& number) {
  number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size()));
  while (!number.digits.empty() && number.digits.back() == '0') {
    number.digits.pop_back();
    ++number.exponent;
  }
}

std::optional<Decimal> parse_decimal(std::string_view rest) {
  Decimal number;
  number.negative = take(rest, '-');
  const bool whole = take_digits(rest, number.digits);
  if (take(rest, '.')) {
    const auto before = number.digits.size();
    if (!take_digits(rest, number.digits)) return std::nullopt;
    number.exponent = -static_cast<int>(number.digits.size() - before);
  } else if (!whole) {
    return std::nullopt;
  }
  if (!take_exponent(rest, number.exponent) || !rest.empty()) return std::nullopt;
  drop_needless_zeros(number);
  return number;
}

/// digits * 10^zeros, built up on the negative side, which reaches one further than the positive.
std::optional<std::int64_t> scaled(const Decimal& number, int zeros) {
  std::int64_t value = 0;
  const auto push = [&value](int digit) {
    return !__builtin_mul_overflow(value, 10, &value) &&
           !__builtin_sub_overflow(value, digit, &value);
  };
  for (const char digit : number.digits)
    if (!push(digit - '0')) return std::nullopt;
  for (int i = 0; i < zeros; ++i)
    if (!push(0)) return std::nullopt;
  if (number.negative) return value;
  if (__builtin_sub_overflow(std::int64_t{0}, value, &value)) return std::nullopt;
  return value;
}

Error bad_amount(std::string_view text, const char* why) {
  return {ErrorKind::invalid, fmt::format("\"{}\" {}", printable(text, 40), why),
          "write US dollars, for example 3, 0.25 or 1e-7"};
}

}  // namespace

std::string format_usd(Money amount) {
  const bool negative = amount.picousd < 0;
  const auto bits = static_cast<std::uint64_t>(amount.picousd);
  const std::uint64_t size = negative ? 0 - bits : bits;
  std::string text =
      fmt::format("{}{}.{:012}", negative ? "-" : "", size / one_usd, size % one_usd);
  for (int spare = decimals - 6; spare > 0 && text.back() == '0'; --spare) text.pop_back();
  return text;
}

Result<Money> parse_usd(std::string_view text) {
  constexpr std::size_t most_characters = 64;
  const auto number =
      text.size() <= most_characters ? parse_decimal(text) : std::optional<Decimal>();
  if (!number) return tl::unexpected(bad_amount(text, "is not an amount of money"));
  if (number->digits.empty()) return Money{};
  const int zeros = number->exponent + decimals;
  if (zeros < 0) return tl::unexpected(bad_amount(text, "has more than 12 decimals"));
  const auto value = scaled(*number, zeros);
  if (!value) return tl::unexpected(bad_amount(text, "is too large an amount"));
  return Money{*value};
}

}  // namespace routerone
