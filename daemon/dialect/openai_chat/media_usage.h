#pragma once

#include <simdjson.h>

#include "daemon/exchange/usage.h"

namespace routerone::dialect::openai_chat {

/// Usage as the operations beside conversation tell it; each a rule of read_openai_usage with what
/// is its own. A length in seconds is no count of tokens: it is not known then.

/// Images: whoever does not say what its output is made of made images.
Usage read_image_usage(simdjson::dom::element usage);
/// Speech: likewise sound.
Usage read_speech_usage(simdjson::dom::element usage);
/// Transcripts: whoever does not say what was read has read sound.
Usage read_transcript_usage(simdjson::dom::element usage);
/// Embeddings, moderations, rerankings: all tokens are read ones.
Usage read_reading_usage(simdjson::dom::element usage);

}  // namespace routerone::dialect::openai_chat
