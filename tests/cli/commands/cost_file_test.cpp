#include "cli/commands/cost_file.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "common/core/money.h"

namespace routerone::cli {
namespace {

using control::Pairs;

TEST_CASE("the columns are found by their names, whatever else stands beside them") {
  const Pairs wanted = {{"gen-1", "0.001500"}, {"gen-2", "0.000000"}};
  for (const char* csv : {"generation_id,created_at,cost_total\ngen-1,2026,0.0015\ngen-2,2026,0\n",
                          "Date,ID,Model,Cost (USD)\nx,gen-1,a,0.0015\ny,gen-2,b,0.0\n",
                          "Request ID,Amount\r\ngen-1,$0.0015\r\ngen-2,$0\r\n",
                          "\xef\xbb\xbfid,usage\n\"gen-1\",\"1.5e-3\"\n\n\"gen-2\",\"0\"",
                          "id,request_id,total_cost\n1,gen-1,USD 0.0015\n2,gen-2,0\n"}) {
    CAPTURE(csv);
    const auto costs = read_costs(csv);
    REQUIRE_MESSAGE(costs, costs.error().message);
    CHECK(*costs == wanted);
  }
}

TEST_CASE("quotes may hold commas, quotes and lines; rows without an id are sums") {
  const auto costs =
      read_costs("id,prompt,cost\ngen-1,\"a, \"\"b\"\"\nc\",\"$1,234.50\"\n,total,99\ngen-2,,2\n");
  REQUIRE_MESSAGE(costs, costs.error().message);
  CHECK(*costs == Pairs{{"gen-1", "1234.500000"}, {"gen-2", "2.000000"}});
}

TEST_CASE("a cost that went through binary is rounded to the picodollar") {
  const auto cost = [](const std::string& text) {
    const auto costs = read_costs("id,cost\nx," + text + "\n");
    return costs ? costs->front().second : costs.error().message;
  };
  CHECK(cost("0.00014850000000000001") == "0.0001485");
  CHECK(cost("0.0000000000005") == "0.000000000001");
  CHECK(cost("0.00000000000049999999") == "0.000000");
  CHECK(cost("1.4850000000000001e-04") == "0.0001485");
  CHECK(cost("1e-20") == "0.000000");
  CHECK(cost("9.9999999999999") == "10.000000");
}

TEST_CASE("what cannot be read is told with its line") {
  const std::pair<const char*, const char*> cases[] = {{"", "line 1"},
                                                       {"when,what\n", "line 1"},
                                                       {"id,model\n", "line 1"},
                                                       {"cost,model\n", "line 1"},
                                                       {"id,cost\na,1\nb,free\n", "line 3"},
                                                       {"id,cost\na,1\nb\n", "line 3"},
                                                       {"id,cost\n\"a\nb\",1\nc,-1\n", "line 4"},
                                                       {"id,cost\na,1\na,2\n", "line 3"},
                                                       {"id,cost\na,\"1\n", "line 2"},
                                                       {"id,cost\na,\"1\"x\n", "line 2"},
                                                       {"id,cost\na,\"1,23\"\n", "line 2"},
                                                       {"id,cost\na,1e40\n", "line 2"}};
  for (const auto& [csv, where] : cases) {
    CAPTURE(csv);
    const auto costs = read_costs(csv);
    REQUIRE_FALSE(costs);
    CHECK(costs.error().kind == ErrorKind::invalid);
    CHECK(costs.error().message.starts_with(std::string(where) + ":"));
  }
}

TEST_CASE("whatever costs are written, the same are read") {
  const bool held = rc::check("any costs", [] {
    const auto amounts = *rc::gen::container<std::vector<std::int64_t>>(
        rc::gen::inRange<std::int64_t>(0, 5'000'000'000'000'000));
    std::string csv = "cost,id\n";
    Pairs wanted;
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      const std::string id = "gen-" + std::to_string(i), usd = format_usd(Money{amounts[i]});
      csv += (i % 2 ? "\"" + usd + "\"" : usd) + "," + id + (i % 3 ? "\n" : "\r\n");
      wanted.emplace_back(id, usd);
    }
    const auto costs = read_costs(csv);
    RC_ASSERT(costs.has_value());
    RC_ASSERT(*costs == wanted);
  });
  CHECK(held);
}

TEST_CASE("no text makes it fall over") {
  const bool held = rc::check("any text", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::element('a', ',', '"', '\n', '\r', '1', '.', 'e', '-', '$', '\0'));
    (void)read_costs("id,cost\n" + text);
    (void)read_costs(text);
  });
  CHECK(held);
}

}  // namespace
}  // namespace routerone::cli
