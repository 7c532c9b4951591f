"""A daemon whose wall clock is another one: libfaketime, where Debian's package is installed."""
import datetime
import pathlib

import cases

PLACES = ("/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime",
          "/usr/lib/faketime")


def library():
    for place in PLACES:
        found = pathlib.Path(place) / "libfaketimeMT.so.1"
        if found.exists():
            return str(found)
    raise cases.Skipped("libfaketime is not installed")


def faketime(at):
    """Environment for a daemon that starts at `at`, an RFC 3339 time; its clock goes on from there. What
    counts time that passes is left alone."""
    moment = datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone(datetime.timezone.utc)
    return {"LD_PRELOAD": library(), "FAKETIME": moment.strftime("@%Y-%m-%d %H:%M:%S"), "TZ": "UTC",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
            "ASAN_OPTIONS": "verify_asan_link_order=0"}
