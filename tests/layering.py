#!/usr/bin/env python3
"""Prints every #include that goes up a floor, or sideways to a sibling; fails if there is one."""
import pathlib, re, sys

# Highest floor first. Folders on one line are siblings: none may include another.
FLOORS = [
    ["cli/main", "daemon/main"],
    ["cli/commands", "daemon/daemon"],
    ["cli/terminal", "cli/agents", "cli/secrets", "daemon/listener", "daemon/control", "daemon/sandbox"],
    ["daemon/relay"],
    ["daemon/auth", "daemon/admission", "daemon/routing", "daemon/metering", "daemon/trace"],
    ["daemon/dialect", "daemon/upstream", "daemon/store", "daemon/tokens"],
    ["daemon/http"],  # one session on the loop's sockets: just above daemon/net
    ["daemon/exchange", "daemon/net", "daemon/observe"],
    ["common/control"],
    ["common/catalog", "common/config"],
    ["common/json", "common/platform"],
    ["common/core"],
]
# The subfolders of these are strangers to each other; only files directly in them know them all.
STRANGERS = ["daemon/dialect"]
FLOOR_OF = {folder: n for n, row in enumerate(FLOORS) for folder in row}

def folder_of(path):
    hits = [f for f in FLOOR_OF if path == f or path.startswith(f + "/") or path.startswith(f + ".")]
    return max(hits, key=len) if hits else None

def stranger_of(path):
    for parent in STRANGERS:
        match = re.match(rf"{parent}/([^/]+)/", path)
        if match:
            return match[1]
    return None

def violations(root):
    for file in sorted([*root.glob("common/**/*"), *root.glob("daemon/**/*"), *root.glob("cli/**/*")]):
        if file.suffix not in (".h", ".cpp"):
            continue
        here = str(file.relative_to(root))
        mine = folder_of(here)
        if mine is None:
            yield f"{here}: belongs to no floor"
            continue
        for line, text in enumerate(file.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', text)
            if not match:
                continue
            theirs = folder_of(match[1])
            if theirs is None or (theirs != mine and FLOOR_OF[theirs] <= FLOOR_OF[mine]):
                yield f"{here}:{line}: {mine} may not include {match[1]}"
            elif stranger_of(here) and stranger_of(match[1]) not in (None, stranger_of(here)):
                yield f"{here}:{line}: {stranger_of(here)} may not know {stranger_of(match[1])}"

if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(bool(found))
