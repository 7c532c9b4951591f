#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string_view>

#include "daemon/dialect/route_words_scan.h"

namespace routerone::dialect {

/// Which method of a reader takes the field of that name.
template <class Reader>
struct FieldRow {
  std::string_view name;
  void (Reader::*read)(simdjson::dom::element);
};

/// Shows a request's fields to the methods that the table names, in the order they came; what is
/// null was not said. False: it is no object. What nobody knows is a hint: new fields come with
/// every release, and a caller that was refused for one could not be used here at all. How to route
/// was obeyed by now, and is nobody's field.
template <class Reader, std::size_t rows, class Findings>
bool read_fields(simdjson::dom::element body, const FieldRow<Reader> (&table)[rows], Reader& reader,
                 Findings& findings) {
  simdjson::dom::object object;
  if (body.get_object().get(object) != simdjson::SUCCESS) return false;
  for (const auto& [name, value] : object) {
    if (value.is_null()) continue;
    const FieldRow<Reader>* row = table;
    while (row != table + rows && row->name != name) ++row;
    if (row != table + rows) {
      (reader.*row->read)(value);
    } else if (!is_route_word(name, value)) {
      findings.hint(name);
    }
  }
  return true;
}

}  // namespace routerone::dialect
