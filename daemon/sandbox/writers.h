#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/sandbox/question.h"

namespace routerone::sandbox {

/// One way of saying an answer: whole, or as the legal sequence of a stream's events.
struct Writer {
  std::string_view path;
  std::string (*whole)(const Reply&);
  std::vector<std::string> (*events)(const Reply&);  ///< Null: cannot be streamed.
  std::string (*error)(int status, std::string_view message);
};

/// The writer of a path; null: the sandbox has no such path.
const Writer* writer_for(std::string_view path);

}  // namespace routerone::sandbox
