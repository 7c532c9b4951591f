#include "daemon/observe/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>

#include "common/core/text.h"
#include "daemon/observe/stderr_sink.h"

namespace routerone {
namespace {

constexpr std::size_t queue_lines = 1024;
constexpr std::size_t longest_text = 1024;

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

struct Log::Impl {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
  bool json = false;

  void write(spdlog::level::level_enum level, std::string_view what, Details details) const {
    if (!logger->should_log(level)) return;
    std::string line = json ? "\"message\":" + in_quotes(printable(what, longest_text))
                            : printable(what, longest_text);
    for (const auto& [name, value] : details) {
      const std::string shown = in_quotes(printable(value, longest_text));
      line +=
          json ? ",\"" + std::string(name) + "\":" + shown : " " + std::string(name) + "=" + shown;
    }
    logger->log(level, line);
  }
};

Log::Log() = default;
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options) {
  const auto level = spdlog::level::from_str(options.level);
  if (level == spdlog::level::off || (options.format != "text" && options.format != "json")) {
    return fail(ErrorKind::invalid,
                "there is no log level or format \"" +
                    printable(level == spdlog::level::off ? options.level : options.format) + "\"",
                "levels: trace, debug, info, warn, error; formats: text, json");
  }
  std::unique_ptr<Log> log(new Log);
  log->impl_ = std::make_unique<Impl>();
  Impl& impl = *log->impl_;
  impl.json = options.format == "json";
  impl.pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
  const auto overrun = [pool = impl.pool.get()] { return std::uint64_t{pool->overrun_counter()}; };
  impl.logger = std::make_shared<spdlog::async_logger>(
      "routeroned", std::make_shared<StderrSink>(overrun, options.file), impl.pool,
      spdlog::async_overflow_policy::overrun_oldest);
  impl.logger->set_level(level);
  impl.logger->flush_on(spdlog::level::warn);
  impl.logger->set_pattern(impl.json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})"
                                     : "%Y-%m-%dT%H:%M:%S.%fZ %l %v",
                           spdlog::pattern_time_type::utc);
  return log;
}

void Log::debug(std::string_view what, Details details) {
  impl_->write(spdlog::level::debug, what, details);
}
void Log::info(std::string_view what, Details details) {
  impl_->write(spdlog::level::info, what, details);
}
void Log::warn(std::string_view what, Details details) {
  impl_->write(spdlog::level::warn, what, details);
}
void Log::error(std::string_view what, Details details) {
  impl_->write(spdlog::level::err, what, details);
}

}  // namespace routerone
