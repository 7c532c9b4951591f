#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// Lower case, without parameters, `image/jpg` as `image/jpeg`.
std::string normal_media_type(std::string_view said);

/// What the first bytes say: PNG, JPEG, GIF, WebP, PDF, WAV, MP3; empty if they say none of these.
std::string_view sniff_media_type(std::string_view base64);

/// Media from base64 and the type said for it: white space taken out, the type normalised; where
/// the first bytes say another, they are believed. Nullopt if no type is known or it is not base64.
std::optional<chat::Media> inline_media(chat::Media::Kind, std::string_view said_type,
                                        std::string_view base64);

bool is_inline_url(std::string_view url);  ///< `data:`
/// Media from a URL: of a data: URL what is in it (plain text and percent signs included), else
/// remote. Nullopt if a data: URL cannot be read.
std::optional<chat::Media> media_of_url(chat::Media::Kind, std::string_view url);

/// `data:<type>;base64,<data>`; text is encoded. Only for media that has data.
std::string inline_url(const chat::Media&);
/// Its bytes in base64, also of text.
std::string base64_of(const chat::Media&);
/// A text document's text, also out of base64; nullopt if it is not `text/*`.
std::optional<std::string> text_of(const chat::Media&);

}  // namespace routerone::dialect
