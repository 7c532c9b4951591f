#include "daemon/store/attempts_json.h"

#include "common/json/json.h"
#include "daemon/store/json_quote.h"
#include "daemon/store/words.h"

namespace routerone::store {

std::string attempts_text(const std::vector<Attempt>& attempts) {
  std::string out = "[";
  for (const auto& attempt : attempts) {
    out += out.size() == 1 ? R"({"provider":)" : R"(,{"provider":)";
    append_quoted(out, attempt.provider);
    if (!attempt.account.empty()) {
      out += R"(,"account":)";
      append_quoted(out, attempt.account);
    }
    out += R"(,"upstream_model":)";
    append_quoted(out, attempt.upstream_model);
    out += R"(,"status":)" + std::to_string(attempt.status);
    out += R"(,"failure":)";
    append_quoted(out, to_string(attempt.failure));
    out += R"(,"error_code":)";
    append_quoted(out, attempt.error_code);
    out += R"(,"latency_us":)" + std::to_string(attempt.latency.count());
    if (attempt.cost) out += R"(,"cost":)" + std::to_string(attempt.cost->picousd);
    if (attempt.replayed) out += R"(,"replayed":true)";
    out += '}';
  }
  return out + ']';
}

std::vector<Attempt> attempts_of(const std::string& text) {
  std::vector<Attempt> attempts;
  const auto list = parse_json(text);
  if (!list || !list->is_array()) return attempts;
  for (const auto& entry : *list) {
    const auto word = [&](const char* name) {
      const auto found = entry.find(name);
      return found != entry.end() && found->is_string() ? found->template get<std::string>()
                                                        : std::string();
    };
    const auto number = [&](const char* name) {
      const auto found = entry.find(name);
      return found != entry.end() && found->is_number_integer()
                 ? found->template get<std::int64_t>()
                 : 0;
    };
    if (!entry.is_object()) continue;
    Attempt attempt;
    attempt.provider = word("provider");
    attempt.account = word("account");
    attempt.upstream_model = word("upstream_model");
    attempt.status = static_cast<int>(number("status"));
    attempt.failure = failure_class_of(word("failure"));
    attempt.error_code = word("error_code");
    attempt.latency = std::chrono::microseconds(number("latency_us"));
    if (entry.contains("cost")) attempt.cost = Money{number("cost")};
    attempt.replayed = entry.contains("replayed");
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

}  // namespace routerone::store
