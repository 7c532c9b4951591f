#!/usr/bin/env python3
"""Every mistake in pitfalls.md has a test that is there, a reason, or is said to be open.
Usage: pitfalls.py"""
import collections
import pathlib
import re
import sys
import tomllib

TESTS = pathlib.Path(__file__).parent
ITEM = re.compile(r"- \*\*([A-Z])(\d+)\*\* \S")
TEST = re.compile(r"  - `([^`]+)`: (.+)")
WORD = re.compile(r"  - (impossible|open): \S")
CASE = re.compile(r'TEST_CASE(?:_FIXTURE)?\(\s*(?:[\w:]+\s*,\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)')


def sentences(file):
    """What a file calls its tests."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        return set(re.findall(r"^def (test_\w+)", text, re.M))
    if file.suffix == ".toml":
        return {tomllib.loads(text)["says"]}
    return {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', case)) for case in CASE.findall(text)}


def faults(lines, tests=TESTS):
    """What is wrong with the table."""
    known, counts, answered = {}, collections.Counter(), True
    for number, line in enumerate(lines, 1):
        if item := ITEM.match(line):
            if not answered:
                yield f"{number}: nothing stands under the item before this one"
            counts[item[1]] += 1
            answered = False
            if int(item[2]) != counts[item[1]]:
                yield f"{number}: {item[1]}{item[2]} is out of order"
        elif test := TEST.match(line):
            answered = True
            file = tests / test[1]
            if not file.is_file():
                yield f"{number}: no such file: {test[1]}"
            elif test[2] not in known.setdefault(file, sentences(file)):
                yield f"{number}: {test[1]} has no test called: {test[2]}"
        elif WORD.match(line):
            answered = True
        elif line.startswith(("- ", "  -")):
            yield f"{number}: neither an item nor a test: {line}"
    if not answered:
        yield "nothing stands under the last item"
    if not counts:
        yield "no items"


def main():
    found = list(faults((TESTS / "pitfalls.md").read_text(encoding="utf-8").splitlines()))
    for fault in found:
        print(f"pitfalls.md:{fault}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
