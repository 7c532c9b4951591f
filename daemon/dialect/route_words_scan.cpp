#include "daemon/dialect/route_words_scan.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/member_splice.h"

namespace routerone::dialect {
namespace {

/// More than anybody names; each of them costs the planner a look.
constexpr std::size_t most_names = 128;

constexpr std::string_view only_route = "fallback";

tl::unexpected<Refusal> refuse(std::string_view path, std::string_view rule) {
  return tl::unexpected<Refusal>(
      Refusal{RefusalKind::bad_request, fmt::format("'{}' {}", path, rule), std::string(path), {}});
}

using Checked = tl::expected<void, Refusal>;

/// Reads the members of one object, each with its path for the refusal.
class Reader {
 public:
  explicit Reader(std::string_view prefix) : prefix_(prefix) {}

  Checked names(std::string_view name, const Picked& member, std::vector<std::string>& into) {
    if (!is_said(member)) return {};
    const std::string path = prefix_ + std::string(name);
    constexpr std::string_view rule = "must be an array of strings that are not empty";
    if (!member.value.starts_with('[')) return refuse(path, rule);
    bool sound = true;
    for_each_element(member.value, [&](std::string_view element) {
      auto text = as_string(element);
      sound = sound && text && !text->empty() && into.size() <= most_names;
      if (sound) into.push_back(*std::move(text));
    });
    if (into.size() > most_names) return refuse(path, "names more than 128");
    if (!sound) return refuse(path, rule);
    return {};
  }

  Checked flag(std::string_view name, const Picked& member, bool& into) {
    if (!is_said(member)) return {};
    const auto value = as_bool(member.value);
    if (!value) return refuse(prefix_ + std::string(name), "must be true or false");
    into = *value;
    return {};
  }

  /// US dollars a million tokens, as a number or as text, become picodollars a token. A fraction of
  /// one is cut off: no price has any, so the same prices are below.
  Checked price(std::string_view name, const Picked& member, std::optional<std::int64_t>& into) {
    if (!is_said(member)) return {};
    const auto text = as_string(member.value);
    const auto amount = parse_usd(text ? std::string_view(*text) : member.value);
    if (!amount || amount->picousd < 0) {
      return refuse(prefix_ + std::string(name),
                    "must be US dollars, such as 3 or \"0.25\", with at most 12 decimals");
    }
    constexpr std::int64_t tokens = 1'000'000;
    into = amount->picousd / tokens;
    return {};
  }

 private:
  static bool is_said(const Picked& member) { return member.there() && !is_null(member.value); }

  std::string prefix_;
};

/// The members of an object that stands at `path`; all absent if that is null or missing.
template <std::size_t n>
tl::expected<std::array<Picked, n>, Refusal> members_of(
    const Picked& object, std::string_view path, const std::array<std::string_view, n>& names) {
  std::array<Picked, n> none{};
  if (!object.there() || is_null(object.value)) return none;
  const auto members = pick(object.value, names);
  if (!members) return refuse(path, "must be an object");
  for (std::size_t i = 0; i < n; ++i) {
    const std::string inner = fmt::format("{}.{}", path, names[i]);
    if ((*members)[i].times > 1) return refuse(inner, "is given more than once");
    if ((*members)[i].respelled) {
      return refuse(inner,
                    "is also given in another spelling, which some readers would take for it");
    }
  }
  return *members;
}

tl::expected<RouteWords::Sort, Refusal> read_sort(const Picked& member) {
  if (!member.there() || is_null(member.value)) return RouteWords::Sort::none;
  std::string_view value = member.value;
  std::string_view path = "provider.sort";
  if (value.starts_with('{')) {
    // How far the sorting goes (`partition`) is its own matter: models keep their order here.
    static constexpr std::array<std::string_view, 1> names = {"by"};
    TRY(const auto inside, members_of(member, path, names));
    if (!inside[0].there() || is_null(inside[0].value)) return RouteWords::Sort::none;
    value = inside[0].value;
    path = "provider.sort.by";
  }
  const std::string word = as_string(value).value_or("");
  if (word == "price") return RouteWords::Sort::price;
  if (word == "throughput") return RouteWords::Sort::throughput;
  if (word == "latency") return RouteWords::Sort::latency;
  // By how well tools are called, which only OpenRouter knows of its own providers.
  if (word == "exacto") return RouteWords::Sort::none;
  return refuse(path, "must be \"price\", \"throughput\" or \"latency\"");
}

tl::expected<bool, Refusal> denies_collection(const Picked& member) {
  if (!member.there() || is_null(member.value)) return false;
  const std::string word = as_string(member.value).value_or("");
  if (word != "allow" && word != "deny") {
    return refuse("provider.data_collection", "must be \"allow\" or \"deny\"");
  }
  return word == "deny";
}

Checked read_max_price(const Picked& member, RouteWords& words) {
  static constexpr std::string_view path = "provider.max_price";
  static constexpr std::array<std::string_view, 4> names = {"prompt", "completion", "request",
                                                            "image"};
  TRY(const auto inside, members_of(member, path, names));
  Reader reader("provider.max_price.");
  std::optional<std::int64_t> unused;  // Nothing that is sold by the piece has a known price here.
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& into = i == 0 ? words.max_prompt : i == 1 ? words.max_completion : unused;
    TRY_STATUS(reader.price(names[i], inside[i], into));
  }
  return {};
}

bool is_object_or_null(std::string_view value) { return value.starts_with('{') || is_null(value); }

/// A string is somebody else's word.
bool is_ours(const Picked& provider) {
  return provider.there() && !provider.value.starts_with('"');
}

bool is_ours_route(const Picked& route) {
  return route.times == 1 && as_string(route.value) == only_route;
}

Checked read_provider(const Picked& provider, RouteWords& words) {
  static constexpr std::array<std::string_view, 10> names = {
      "order", "only", "ignore",          "quantizations", "allow_fallbacks", "require_parameters",
      "zdr",   "sort", "data_collection", "max_price"};
  if (!is_object_or_null(provider.value)) {
    return refuse("provider", "must be an object, such as {\"order\": [\"openai\"]}");
  }
  TRY(const auto inside, members_of(provider, "provider", names));
  Reader reader("provider.");
  TRY_STATUS(reader.names(names[0], inside[0], words.order));
  TRY_STATUS(reader.names(names[1], inside[1], words.only));
  TRY_STATUS(reader.names(names[2], inside[2], words.ignore));
  TRY_STATUS(reader.names(names[3], inside[3], words.quantizations));
  TRY_STATUS(reader.flag(names[4], inside[4], words.allow_fallbacks));
  TRY_STATUS(reader.flag(names[5], inside[5], words.require_parameters));
  TRY_STATUS(reader.flag(names[6], inside[6], words.zero_retention));
  TRY(words.sort, read_sort(inside[7]));
  TRY(words.no_collection, denies_collection(inside[8]));
  return read_max_price(inside[9], words);
}

/// In the place of lists of providers: OpenRouter takes null for none.
void void_lists(std::string_view body, const Picked& provider, std::vector<Splice>& changes) {
  static constexpr std::array<std::string_view, 2> names = {"order", "only"};
  const auto lists = pick(provider.value, names);
  if (!lists) return;  // null itself
  for (const Picked& list : *lists) {
    if (list.there()) changes.push_back(new_value(body, list, "null"));
  }
}

void write_without_others(std::string_view body, const RoutePlaces& places, const Picked& anchor,
                          Envelope& envelope) {
  if (is_ours_route(places.route)) {
    envelope.without_models.push_back(removal(body, places.route, anchor));
  }
  if (!is_ours(places.provider)) return;
  envelope.without_routes.push_back(removal(body, places.provider, anchor));
  void_lists(body, places.provider, envelope.without_providers);
}

}  // namespace

tl::expected<RouteWords, Refusal> read_route_words(const RoutePlaces& places) {
  RouteWords words;
  TRY_STATUS(Reader("").names("models", places.models, words.models));
  if (is_ours(places.provider)) {
    TRY_STATUS(read_provider(places.provider, words));
  }
  return words;
}

void write_without(std::string_view body, const RoutePlaces& places, const Picked& model,
                   Envelope& envelope) {
  write_without_others(body, places, model, envelope);
  if (places.models.there()) {
    envelope.without_models.push_back(removal(body, places.models, model));
  }
}

std::string_view write_without_list(std::string_view body, const RoutePlaces& places,
                                    Envelope& envelope) {
  const Picked& models = places.models;
  write_without_others(body, places, models, envelope);
  const std::size_t first_at = body.find('"', models.at(body));
  const std::string_view first = *JsonScan(body.substr(first_at)).value_here();
  // Behind the name's first quote, for what is put before the member not to meet this.
  const std::size_t inside_name = name_at(body, models) + 1;
  const std::size_t first_end = first_at + first.size();
  const std::size_t end = models.at(body) + models.value.size();
  envelope.without_models.push_back({inside_name, first_at - inside_name, "model\":"});
  envelope.without_models.push_back({first_end, end - first_end, ""});
  return first;
}

bool is_route_word(std::string_view name, simdjson::dom::element value) {
  if (name == "models") return true;
  if (name == "provider") return value.is_object();
  std::string_view word;
  return name == "route" && value.get_string().get(word) == simdjson::SUCCESS && word == only_route;
}

}  // namespace routerone::dialect
