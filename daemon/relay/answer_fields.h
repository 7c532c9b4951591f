#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/fields.h"
#include "daemon/relay/journey.h"

namespace routerone {

/// The fields of an answer's head, with storage for those we write ourselves. Upstream's are views
/// into its Reply, which must live as long.
class AnswerFields {
 public:
  /// The trace id under both names that SDKs read, and the key's rates if it has any: the
  /// upstream's own are then left out.
  explicit AnswerFields(const Journey&);

  /// Which provider served, by which route and at what cost of our own time.
  void add_serving(const Journey&);
  /// What of the upstream's head the dialect lets through; its request ids under our names.
  void add_upstream(const dialect::Dialect&, http::Fields upstream);
  void add(std::string_view name, std::string value);
  /// What the body is, whatever the upstream said that it was: its own word stays if it says so.
  void set_type(std::string_view type);

  const std::vector<http::Field>& list() const { return fields_; }

 private:
  void add_rates(const Journey&);

  std::vector<http::Field> fields_;
  std::deque<std::string> storage_;
  bool own_rates_ = false;
};

/// The upstream's own id of a request, under whichever name it sends it; empty: none.
std::string_view upstream_request_id(http::Fields);

}  // namespace routerone
