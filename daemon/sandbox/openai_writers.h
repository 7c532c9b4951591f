#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/sandbox/question.h"

namespace routerone::sandbox {

std::string chat_whole(const Reply&);
std::vector<std::string> chat_events(const Reply&);
std::string completion_whole(const Reply&);
std::vector<std::string> completion_events(const Reply&);
std::string embeddings_whole(const Reply&);
std::string responses_whole(const Reply&);
std::vector<std::string> responses_events(const Reply&);
std::string openai_error(int status, std::string_view message);

}  // namespace routerone::sandbox
