#pragma once

#include <span>
#include <string>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// OpenAI's list, with the fields that Anthropic's readers want beside it: one path serves both,
/// and a program that does not say which it is can read either.
std::string write_openai_models(std::span<const ListedModel>);
std::string write_openai_model(const ListedModel&);

/// Anthropic's list, all on one page.
std::string write_anthropic_models(std::span<const ListedModel>);
std::string write_anthropic_model(const ListedModel&);

}  // namespace routerone::dialect
