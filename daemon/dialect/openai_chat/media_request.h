#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::openai_chat {

/// Requests of the operations that make or read images and sound, as JSON and as forms, and what
/// they may use at most.

bool makes_images(const Operation&);

tl::expected<Envelope, Refusal> read_media_envelope(const Operation&, std::string_view body);
tl::expected<Envelope, Refusal> read_media_form(const Operation&, const Form&,
                                                std::string_view body);

tl::expected<Demand, Refusal> measure_media(const Operation&, std::string_view body);
/// `form` has passed read_media_form.
Demand measure_media_form(const Operation&, const Form& form);

}  // namespace routerone::dialect::openai_chat
