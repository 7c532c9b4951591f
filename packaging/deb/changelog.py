#!/usr/bin/env python3
"""Writes Debian's changelog from ours. Usage: changelog.py CHANGELOG.md VERSION EPOCH

The first section is the version that is built; an older one that names its version (`## 0.1.0 - 2026-01-31`)
gets an entry of its own."""
import datetime
import email.utils
import pathlib
import re
import sys
import textwrap

WHO = "routerone developers <maintainers@routerone.invalid>"


def sections(text):
    """Heading and items of each, the items on one line."""
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        heading, _, body = part.partition("\n")
        items = [" ".join(item.split()) for item in re.split(r"^- ", body, flags=re.M)[1:]]
        yield heading.strip(), items


def entry(version, items, when):
    lines = [f"routerone ({version}) unstable; urgency=medium", ""]
    for item in items:
        plain = item.replace("`", "")
        lines += textwrap.wrap(plain, 78, initial_indent="  * ", subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join([*lines, "", f" -- {WHO}  {when}", ""])


def main(file, version, epoch):
    entries = []
    built = email.utils.format_datetime(datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc))
    for heading, items in sections(pathlib.Path(file).read_text()):
        named = re.fullmatch(r"v?([0-9][0-9.]*)(?: - (\d{4}-\d{2}-\d{2}))?", heading)
        if not entries:
            entries.append(entry(version, items, built))
        elif named and named[2]:
            at = datetime.datetime.fromisoformat(named[2]).replace(tzinfo=datetime.timezone.utc)
            entries.append(entry(named[1], items, email.utils.format_datetime(at)))
    print("\n".join(entries), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
