#include "common/platform/time_zone.h"

#include <doctest/doctest.h>
#include <stdlib.h>

namespace routerone {
namespace {

TEST_CASE("a zone is one that the machine's database knows") {
  CHECK(time_zone_exists("UTC"));
  CHECK(time_zone_exists("Europe/Berlin"));
  CHECK(time_zone_exists("America/Argentina/Buenos_Aires"));
  CHECK_FALSE(time_zone_exists("Europe/Berlim"));
  CHECK_FALSE(time_zone_exists("Europe"));
  CHECK_FALSE(time_zone_exists("zone1970.tab"));
}

TEST_CASE("no name leads out of the database") {
  for (const char* name : {"", "/", "../../../etc/localtime", "Europe/../Europe/Berlin", "./UTC",
                           "/usr/share/zoneinfo/UTC", "Europe//Berlin", "Europe/Berlin/", "a b",
                           "Europe/Berlin\n", "posixrules.d/../UTC"}) {
    CAPTURE(name);
    CHECK_FALSE(time_zone_exists(name));
  }
}

TEST_CASE("the machine's zone is what TZ names, and something known if TZ names nothing known") {
  const char* before = ::getenv("TZ");
  const std::string kept = before ? before : "";
  ::setenv("TZ", "Asia/Kolkata", 1);
  CHECK(machine_time_zone() == "Asia/Kolkata");
  ::setenv("TZ", ":Europe/Berlin", 1);
  CHECK(machine_time_zone() == "Europe/Berlin");
  for (const char* other : {"", "CET-1CEST", "/etc/passwd", "Nowhere/Nothing"}) {
    ::setenv("TZ", other, 1);
    CHECK(time_zone_exists(machine_time_zone()));
    CHECK(machine_time_zone() != other);
  }
  if (before)
    ::setenv("TZ", kept.c_str(), 1);
  else
    ::unsetenv("TZ");
}

}  // namespace
}  // namespace routerone
