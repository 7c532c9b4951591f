#include <fmt/format.h>

#include <filesystem>

#include "cli/commands/trace_commands.h"
#include "cli/commands/views.h"
#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

std::string traces_words(std::int64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "trace" : "traces");
}

/// The daemon ends a call after some seconds, so that other writers are not kept waiting.
Result<Json> prune_all(Call& call, const control::PruneWish& wish) {
  for (std::int64_t sum = 0;;) {
    TRY(Json gone, call.daemon().prune_traces(wish));
    const std::int64_t more = whole_of(gone, "traces");
    sum += more;
    if (gone.is_object()) gone["traces"] = sum;
    if (more == 0 || flag_of(gone, "complete", true)) {
      call.out().status({});
      return gone;
    }
    call.out().status(fmt::format("{} deleted", traces_words(sum)));
  }
}

}  // namespace

/// A dry run first, so that the question says how many they are.
Result<int> prune_traces(Call& call) {
  control::PruneWish wish;
  wish.older_than = call.word("older-than");
  if (wish.older_than.empty())
    return fail(ErrorKind::invalid, "traces prune needs to know how old they are",
                "routerone traces prune --older-than 90d");
  wish.dry_run = true;
  TRY(const Json found, call.daemon().prune_traces(wish));
  const std::int64_t count = whole_of(found, "traces");
  const std::string before = text_of(found, "before");
  if (call.has("dry-run")) {
    if (!call.printed_json(found))
      call.out().line(fmt::format("{} from before {}", traces_words(count), before));
    return 0;
  }
  TRY_STATUS(call.confirm(fmt::format("delete {} from before {}?", traces_words(count), before)));
  wish.dry_run = false;
  TRY(const Json gone, prune_all(call, wish));
  if (!call.printed_json(gone))
    call.out().note(fmt::format("deleted {}; usage still knows what they cost",
                                traces_words(whole_of(gone, "traces"))));
  return 0;
}

Result<int> back_up_traces(Call& call) {
  std::error_code failed;
  const auto file = std::filesystem::absolute(call.word("FILE"), failed);
  if (failed) return fail(ErrorKind::invalid, "the folder we are in is gone", "name a whole path");
  TRY(const Json done, call.daemon().back_up_traces({file.lexically_normal().string()}));
  if (!call.printed_json(done))
    call.out().note(fmt::format("copied {} to {} ({} bytes)",
                                traces_words(whole_of(done, "traces")), text_of(done, "file"),
                                short_count(whole_of(done, "bytes"))));
  return 0;
}

}  // namespace routerone::cli
