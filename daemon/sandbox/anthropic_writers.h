#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/sandbox/question.h"

namespace routerone::sandbox {

std::string messages_whole(const Reply&);
std::vector<std::string> messages_events(const Reply&);
std::string count_tokens_whole(const Reply&);
std::string anthropic_error(int status, std::string_view message);

}  // namespace routerone::sandbox
