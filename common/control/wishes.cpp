#include "common/control/wishes.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <string_view>

#include "common/core/text.h"
#include "common/json/json.h"

namespace routerone::control {
namespace {

/// Writes what was said and leaves out what was not.
class Writer {
 public:
  Writer& put(const char* name, Json value) {
    json_[name] = std::move(value);
    return *this;
  }
  template <class T>
  Writer& maybe(const char* name, const std::optional<T>& value) {
    if (value) json_[name] = *value;
    return *this;
  }
  Writer& pairs(const char* name, const Pairs& pairs) {
    Json list = Json::array();
    for (const auto& [key, value] : pairs) list.push_back(Json::array({key, value}));
    return put(name, std::move(list));
  }
  Json done() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

/// Reads fields by name and type; remembers the first that is wrong.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {
    if (!json.is_object()) note("the body is not a JSON object");
  }

  Reader& text(const char* name, std::string& out) {
    if (const Json* value = find(name, &Json::is_string)) out = value->get<std::string>();
    return *this;
  }
  Reader& text(const char* name, std::optional<std::string>& out) {
    if (const Json* value = find(name, &Json::is_string)) out = value->get<std::string>();
    return *this;
  }
  Reader& secret(const char* name, std::optional<Secret>& out) {
    if (const Json* value = find(name, &Json::is_string)) out.emplace(value->get<std::string>());
    return *this;
  }
  template <class Whole>
  Reader& whole(const char* name, Whole& out) {
    if (const Json* value = find(name, &Json::is_number_integer)) {
      const auto number = value->get<std::int64_t>();
      if (number < std::numeric_limits<Whole>::min() || number > std::numeric_limits<Whole>::max())
        note(fmt::format("{} is too large", name));
      else
        out = static_cast<Whole>(number);
    }
    return *this;
  }
  template <class Whole>
  Reader& whole(const char* name, std::optional<Whole>& out) {
    Whole value{};
    if (!json_.is_object() || !json_.contains(name)) return seen(name);
    whole(name, value);
    out = value;
    return *this;
  }
  Reader& flag(const char* name, bool& out) {
    if (const Json* value = find(name, &Json::is_boolean)) out = value->get<bool>();
    return *this;
  }
  Reader& flag(const char* name, std::optional<bool>& out) {
    if (const Json* value = find(name, &Json::is_boolean)) out = value->get<bool>();
    return *this;
  }
  Reader& texts(const char* name, Strings& out) {
    const Json* value = find(name, &Json::is_array);
    if (!value) return *this;
    out.clear();
    for (const Json& entry : *value) {
      if (entry.is_string())
        out.push_back(entry.get<std::string>());
      else
        note(fmt::format("{} holds something other than text", name));
    }
    return *this;
  }
  Reader& texts(const char* name, std::optional<Strings>& out) {
    if (!json_.is_object() || !json_.contains(name)) return seen(name);
    return texts(name, out.emplace());
  }
  Reader& pairs(const char* name, Pairs& out) {
    const Json* value = find(name, &Json::is_array);
    if (!value) return *this;
    out.clear();
    for (const Json& entry : *value) {
      if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string())
        out.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
      else
        note(fmt::format("{} is not a list of pairs", name));
    }
    return *this;
  }
  Reader& pairs(const char* name, std::optional<Pairs>& out) {
    if (!json_.is_object() || !json_.contains(name)) return seen(name);
    return pairs(name, out.emplace());
  }

  Status done() {
    if (!json_.is_object()) return failed();
    for (const auto& [name, value] : json_.items()) {
      if (std::find(known_.begin(), known_.end(), name) == known_.end())
        note(fmt::format("\"{}\" is not known to this daemon", printable(name, 40)));
    }
    return problem_.empty() ? Status() : failed();
  }

 private:
  const Json* find(const char* name, bool (Json::*is)() const noexcept) {
    seen(name);
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    if (found == json_.end()) return nullptr;
    if (((*found).*is)()) return &*found;
    note(fmt::format("{} has the wrong type", name));
    return nullptr;
  }
  Reader& seen(const char* name) {
    known_.emplace_back(name);
    return *this;
  }
  void note(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  Status failed() const { return fail(ErrorKind::invalid, "control call: " + problem_); }

  const Json& json_;
  std::vector<std::string_view> known_;
  std::string problem_;
};

}  // namespace

Json to_json(const KeyWish& wish) {
  return Writer()
      .put("name", wish.name)
      .maybe("project", wish.project)
      .maybe("models", wish.models)
      .maybe("providers", wish.providers)
      .maybe("expires", wish.expires)
      .done();
}

template <>
Result<KeyWish> read(const Json& json) {
  KeyWish wish;
  TRY_STATUS(Reader(json)
                 .text("name", wish.name)
                 .text("project", wish.project)
                 .texts("models", wish.models)
                 .texts("providers", wish.providers)
                 .text("expires", wish.expires)
                 .done());
  return wish;
}

Json to_json(const ProviderWish& wish) {
  Writer out;
  out.put("id", wish.id)
      .maybe("base_url", wish.base_url)
      .maybe("dialect", wish.dialect)
      .maybe("auth", wish.auth)
      .pairs("variables", wish.variables)
      .maybe("priority", wish.priority)
      .maybe("weight", wish.weight)
      .maybe("ca_file", wish.ca_file)
      .maybe("key_from", wish.key_from)
      .maybe("enabled", wish.enabled);
  if (wish.headers) out.pairs("headers", *wish.headers);
  if (wish.key) out.put("key", wish.key->reveal());  // to its owner's daemon, over the 0600 socket
  return out.done();
}

template <>
Result<ProviderWish> read(const Json& json) {
  ProviderWish wish;
  TRY_STATUS(Reader(json)
                 .text("id", wish.id)
                 .text("base_url", wish.base_url)
                 .text("dialect", wish.dialect)
                 .text("auth", wish.auth)
                 .pairs("headers", wish.headers)
                 .pairs("variables", wish.variables)
                 .whole("priority", wish.priority)
                 .whole("weight", wish.weight)
                 .text("ca_file", wish.ca_file)
                 .text("key_from", wish.key_from)
                 .secret("key", wish.key)
                 .flag("enabled", wish.enabled)
                 .done());
  return wish;
}

Json to_json(const ProviderTestWish& wish) {
  return Writer().put("id", wish.id).put("model", wish.model).done();
}

template <>
Result<ProviderTestWish> read(const Json& json) {
  ProviderTestWish wish;
  TRY_STATUS(Reader(json).text("id", wish.id).text("model", wish.model).done());
  return wish;
}

Json to_json(const ModelListWish& wish) {
  return Writer().put("search", wish.search).put("all", wish.all).done();
}

template <>
Result<ModelListWish> read(const Json& json) {
  ModelListWish wish;
  TRY_STATUS(Reader(json).text("search", wish.search).flag("all", wish.all).done());
  return wish;
}

Json to_json(const AliasWish& wish) {
  return Writer().put("name", wish.name).put("model", wish.model).done();
}

template <>
Result<AliasWish> read(const Json& json) {
  AliasWish wish;
  TRY_STATUS(Reader(json).text("name", wish.name).text("model", wish.model).done());
  return wish;
}

Json to_json(const PriceWish& wish) {
  return Writer().put("model", wish.model).put("price", wish.price_json).done();
}

template <>
Result<PriceWish> read(const Json& json) {
  PriceWish wish;
  TRY_STATUS(Reader(json).text("model", wish.model).text("price", wish.price_json).done());
  return wish;
}

Json to_json(const FallbackWish& wish) {
  return Writer().put("model", wish.model).put("chain", wish.chain).done();
}

template <>
Result<FallbackWish> read(const Json& json) {
  FallbackWish wish;
  TRY_STATUS(Reader(json).text("model", wish.model).texts("chain", wish.chain).done());
  return wish;
}

Json to_json(const TraceListWish& wish) {
  return Writer().put("terms", wish.terms).put("limit", wish.limit).done();
}

template <>
Result<TraceListWish> read(const Json& json) {
  TraceListWish wish;
  TRY_STATUS(Reader(json).texts("terms", wish.terms).whole("limit", wish.limit).done());
  return wish;
}

Json to_json(const TailWish& wish) {
  return Writer()
      .put("terms", wish.terms)
      .maybe("after", wish.after)
      .put("wait_ms", wish.wait_ms)
      .done();
}

template <>
Result<TailWish> read(const Json& json) {
  TailWish wish;
  TRY_STATUS(Reader(json)
                 .texts("terms", wish.terms)
                 .whole("after", wish.after)
                 .whole("wait_ms", wish.wait_ms)
                 .done());
  return wish;
}

Json to_json(const UsageWish& wish) {
  return Writer().put("by", wish.by).put("terms", wish.terms).done();
}

template <>
Result<UsageWish> read(const Json& json) {
  UsageWish wish;
  TRY_STATUS(Reader(json).texts("by", wish.by).texts("terms", wish.terms).done());
  return wish;
}

Json name_json(const std::string& name) { return Writer().put("name", name).done(); }

Result<std::string> read_name(const Json& json) {
  std::string name;
  TRY_STATUS(Reader(json).text("name", name).done());
  return name;
}

Json all_json(bool all) { return Writer().put("all", all).done(); }

Result<bool> read_all(const Json& json) {
  bool all = false;
  TRY_STATUS(Reader(json).flag("all", all).done());
  return all;
}

}  // namespace routerone::control
