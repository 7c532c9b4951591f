#include "daemon/store/health_file.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "common/core/text.h"
#include "common/json/json.h"
#include "common/platform/files.h"
#include "daemon/store/words.h"

namespace routerone::store {
namespace {

constexpr int version = 1;
constexpr std::size_t most_bytes = 16 << 20;
constexpr std::size_t most_targets = 10'000;
constexpr double most_seconds = 1e6, most_tokens = 1e9, most_log = 20;

/// One way through all that is kept, for reading and for writing, so that neither forgets a part.
template <class Record, class Fields>
void visit(Record& record, Fields&& fields) {
  fields.text("target", record.target);
  fields.mean("first_byte", record.first_byte, 0, most_seconds);
  fields.mean("per_token", record.per_token, 0, most_seconds);
  fields.mean("output_tokens", record.output_tokens, 0, most_tokens);
  fields.mean("failures", record.failures, 0, 1);
  fields.mean("log_first_byte", record.log_first_byte, -most_log, most_log);
  fields.number("log_variance", record.log_variance, 0, most_log * most_log);
  fields.time("last_begun", record.last_begun);
  fields.time("last_noted", record.last_noted);
  fields.time("last_failed", record.last_failed);
  fields.truth("open", record.open);
  fields.truth("told", record.told);
  fields.failure("why", record.why);
  fields.time("since", record.since);
  fields.time("until", record.until);
  fields.seconds("pause", record.pause);
}

struct Writing {
  Json out = Json::object();

  void text(const char* name, const std::string& value) { out[name] = value; }
  void truth(const char* name, bool value) { out[name] = value; }
  void number(const char* name, double value, double, double) { out[name] = value; }
  void mean(const char* name, const MeanRecord& value, double, double) {
    out[name] = Json::array({value.count, value.mean});
  }
  void time(const char* name, const std::optional<WallTime>& at) {
    out[name] = at ? Json(micros_since_epoch(*at)) : Json(nullptr);
  }
  void seconds(const char* name, std::chrono::seconds value) { out[name] = value.count(); }
  void failure(const char* name, FailureClass value) { out[name] = to_string(value); }
};

/// Remembers the first field that is not as it is written.
struct Reading {
  const Json& in;
  std::string& problem;

  void text(const char* name, std::string& into) {
    if (const Json* value = find(name, &Json::is_string)) into = value->get<std::string>();
  }
  void truth(const char* name, bool& into) {
    if (const Json* value = find(name, &Json::is_boolean)) into = value->get<bool>();
  }
  void number(const char* name, double& into, double least, double most) {
    if (const Json* value = find(name, &Json::is_number)) read(name, *value, into, least, most);
  }
  void mean(const char* name, MeanRecord& into, double least, double most) {
    const Json* value = find(name, &Json::is_array);
    if (!value) return;
    if (value->size() != 2 || !(*value)[0].is_number_unsigned() || !(*value)[1].is_number()) {
      return note(name);
    }
    into.count = (*value)[0].get<std::uint64_t>();
    read(name, (*value)[1], into.mean, least, most);
  }
  void time(const char* name, std::optional<WallTime>& into) {
    const auto found = in.find(name);
    if (found == in.end() || found->is_null()) return;
    const auto micros = whole(name);
    into = wall_from_micros(micros);
  }
  void seconds(const char* name, std::chrono::seconds& into) {
    into = std::chrono::seconds(whole(name));
  }
  void failure(const char* name, FailureClass& into) {
    std::string word;
    text(name, word);
    into = failure_class_of(word);
  }

 private:
  void note(const char* name) {
    if (problem.empty()) problem = name;
  }
  const Json* find(const char* name, bool (Json::*is_right)() const noexcept) {
    const auto found = in.find(name);
    if (found != in.end() && ((*found).*is_right)()) return &*found;
    note(name);
    return nullptr;
  }
  std::int64_t whole(const char* name) {
    const Json* value = find(name, &Json::is_number_integer);
    if (!value) return 0;
    const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX;
    if (!fits) note(name);
    return fits ? value->get<std::int64_t>() : 0;
  }
  void read(const char* name, const Json& value, double& into, double least, double most) {
    into = value.get<double>();
    if (!(into >= least && into <= most)) note(name);
  }
};

Result<HealthRecord> read_target(const Json& entry, std::size_t number) {
  HealthRecord record;
  std::string problem;
  if (entry.is_object()) {
    visit(record, Reading{entry, problem});
  } else {
    problem = "all";
  }
  if (problem.empty()) return record;
  return fail(ErrorKind::invalid, fmt::format("\"{}\" of entry {} is not as it was written",
                                              printable(problem, 64), number));
}

}  // namespace

std::string write_health(const std::vector<HealthRecord>& records) {
  Json out = Json::object({{"version", version}, {"targets", Json::array()}});
  for (const HealthRecord& record : records) {
    if (out["targets"].size() == most_targets) break;
    Writing writing;
    visit(record, writing);
    out["targets"].push_back(std::move(writing.out));
  }
  // A name that is not UTF-8 came from a caller; the rest must not be lost for it.
  return out.dump(0, ' ', false, Json::error_handler_t::replace);
}

Result<std::vector<HealthRecord>> read_health(std::string_view text) {
  TRY(const Json json, parse_json(text));
  const bool ours = json.is_object() && json.contains("version") && json["version"] == version &&
                    json.contains("targets") && json["targets"].is_array();
  if (!ours) return fail(ErrorKind::invalid, "it is not of this version");
  std::vector<HealthRecord> records;
  for (const Json& entry : json["targets"]) {
    if (records.size() == most_targets) break;
    TRY(auto record, read_target(entry, records.size()));
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::vector<HealthRecord>> load_health(const std::filesystem::path& path) {
  const auto text = read_file(path, most_bytes);
  if (!text && text.error().kind == ErrorKind::not_found) return std::vector<HealthRecord>();
  if (!text) return tl::unexpected(text.error());
  auto records = read_health(*text);
  if (!records) {
    return fail(ErrorKind::invalid,
                fmt::format("{} cannot be used: {}", path.string(), records.error().message));
  }
  return records;
}

Status save_health(const std::filesystem::path& path, const std::vector<HealthRecord>& records) {
  return write_file_atomic(path, write_health(records));
}

}  // namespace routerone::store
