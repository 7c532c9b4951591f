#include "cli/secrets/key_source.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/secrets/command_output.h"
#include "cli/secrets/read_secret.h"
#include "cli/secrets/split_words.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Kind = KeySource::Kind;

constexpr const char* forms = " takes: env:VAR, file:PATH, cmd:'..', prompt, - (stdin)";

/// Without the line end that files and programs put behind it.
Result<Secret> trimmed(const Secret& raw, const std::string& source) {
  constexpr std::string_view blanks = " \t\r\n";
  std::string_view text = raw.reveal();
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return fail(ErrorKind::invalid, source + ": it is empty");
  text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
  return Secret(std::string(text));
}

Result<Secret> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value || *value == '\0')
    return fail(ErrorKind::invalid,
                "the environment variable " + printable(name, 64) + " is not set",
                "set it, or use another --key-from");
  return Secret(value);
}

Result<ResolvedKey> with_key(std::string reference, const Result<Secret>& fetched) {
  if (!fetched) return tl::unexpected(fetched.error());
  TRY(Secret key, trimmed(*fetched, reference));
  return ResolvedKey{std::move(reference), std::move(key)};
}

Result<ResolvedKey> from_command(const std::string& line) {
  TRY(const auto words, split_words(line));
  TRY(const Secret raw, command_output(words));
  TRY(Secret key, trimmed(raw, "cmd: what " + printable(words.front()) + " prints"));
  return ResolvedKey{"cmd:" + line, std::move(key)};
}

Result<ResolvedKey> from_file(const std::string& path) {
  std::error_code problem;
  const auto absolute = std::filesystem::absolute(path, problem);
  if (problem) return fail(ErrorKind::invalid, "file: cannot tell where that is");
  return ResolvedKey{"file:" + absolute.lexically_normal().string(), std::nullopt};
}

}  // namespace

Result<KeySource> parse_key_source(std::string_view text, std::string_view option) {
  if (text == "prompt") return KeySource{Kind::prompt, {}};
  if (text == "-" || text == "stdin") return KeySource{Kind::standard_input, {}};
  struct Form {
    std::string_view prefix;
    Kind kind;
  };
  for (const Form form :
       {Form{"env:", Kind::environment}, Form{"file:", Kind::file}, Form{"cmd:", Kind::command}}) {
    if (!text.starts_with(form.prefix)) continue;
    const std::string_view value = text.substr(form.prefix.size());
    if (value.empty()) break;
    return KeySource{form.kind, std::string(value)};
  }
  // It may be the key itself: it is not repeated.
  return fail(ErrorKind::invalid,
              std::string(option) + " says where the secret is; it is not the secret itself",
              std::string(option) + forms);
}

bool is_set(const std::string& variable) {
  const char* const value = std::getenv(variable.c_str());
  return value != nullptr && *value != '\0';
}

Result<ResolvedKey> resolve_key(const KeySource& source,
                                const std::function<Result<Secret>()>& ask) {
  switch (source.kind) {
    case Kind::environment:
      return with_key("env:" + source.value, from_environment(source.value));
    case Kind::file:
      return from_file(source.value);
    case Kind::command:
      return from_command(source.value);
    case Kind::prompt:
      return with_key("stdin", ask());
    case Kind::standard_input:
      return with_key("stdin", read_secret(STDIN_FILENO, "stdin"));
  }
  return fail(ErrorKind::internal, "an unknown key source");
}

}  // namespace routerone::cli
