#include <doctest/doctest.h>

#include <set>
#include <string>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/trace_row.h"

namespace routerone {
namespace {

template <typename Enum>
std::set<std::string> words_up_to(Enum last) {
  std::set<std::string> words;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    words.emplace(to_string(static_cast<Enum>(i)));
  }
  return words;
}

TEST_CASE("every failure class has a word of its own") {
  CHECK(words_up_to(FailureClass::cancelled).size() == 13);
  CHECK(to_string(FailureClass::credential_refused) == "credential_refused");
}

TEST_CASE("every kind of refusal has a word of its own") {
  CHECK(words_up_to(RefusalKind::internal).size() == 18);
  CHECK(to_string(RefusalKind::upstream_rate_limited) == "upstream_rate_limited");
}

TEST_CASE("final states and routes are printed as the trace page names them") {
  CHECK(words_up_to(FinalState::interrupted) ==
        std::set<std::string>{"completed", "completed_unmarked", "client_gone", "upstream_failed",
                              "refused", "shed", "interrupted"});
  CHECK(words_up_to(Route::automatic) == std::set<std::string>{"primary", "fallback", "auto"});
}

TEST_CASE("only what another target may answer otherwise is failed over") {
  const std::set<FailureClass> final{FailureClass::none, FailureClass::caller_fault,
                                     FailureClass::cancelled};
  for (int i = 0; i <= static_cast<int>(FailureClass::cancelled); ++i) {
    const auto failure = static_cast<FailureClass>(i);
    CAPTURE(to_string(failure));
    CHECK(may_fail_over(failure) == !final.contains(failure));
  }
}

}  // namespace
}  // namespace routerone
