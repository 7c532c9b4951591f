#pragma once

#include <span>
#include <string_view>

namespace routerone::dialect {

/// A list of header names: an entry that ends in `-` stands for all names that begin so. Case is
/// ignored.
bool lists(std::span<const std::string_view> names, std::string_view name);

/// What every dialect's callers and providers may exchange: clients/, measured.
bool forwards_any_request_header(std::string_view name);
bool forwards_any_response_header(std::string_view name);

/// What the two OpenAI dialects add. A caller's `openai-organization` is its own to send.
bool forwards_openai_request_header(std::string_view name);
/// Never `openai-model`: where it differs from the model asked for, Codex tells its user that the
/// account was flagged. Nor whose account answered.
bool forwards_openai_response_header(std::string_view name);

}  // namespace routerone::dialect
