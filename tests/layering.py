#!/usr/bin/env python3
"""The house rules that a compiler does not check. Prints every breach; fails if there is one.

Floors: an include may only go down, never up or sideways. Fences: a foreign library is included in
its folders only. Words: no provider's name outside the dialects, no clock but the one, no await where
the compiler gets it wrong."""
import pathlib
import re
import sys

# Highest floor first. Folders on one line are siblings: none may include another.
FLOORS = [
    ["cli/main", "daemon/main"],
    ["cli/commands", "daemon/daemon"],
    ["cli/terminal", "cli/agents", "cli/secrets", "daemon/listener", "daemon/control", "daemon/sandbox"],
    ["daemon/relay"],
    ["daemon/auth", "daemon/admission", "daemon/routing", "daemon/metering", "daemon/trace"],
    ["daemon/dialect", "daemon/upstream", "daemon/websocket", "daemon/store", "daemon/tokens"],
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

# What a line must not have, and the folders or files where it may.
FENCES = [
    (r'#\s*include\s+<(boost/)', ["daemon/net", "daemon/http", "daemon/upstream", "daemon/listener", "daemon/sandbox"]),
    (r'#\s*include\s+<openssl/', ["daemon/upstream", "daemon/websocket", "daemon/auth"]),
    (r'#\s*include\s+<SQLiteCpp/|#\s*include\s+<sqlite3', ["daemon/store"]),
    (r'#\s*include\s+<httplib', ["daemon/control"]),
    (r'#\s*include\s+<CLI/', ["cli/commands"]),
    (r'#\s*include\s+<histedit|#\s*include\s+<editline', ["cli/terminal"]),
    (r'#\s*include\s+<spdlog/', ["daemon/observe"]),
    (r'#\s*include\s+<date/', ["daemon/admission"]),
    (r'#\s*include\s+<simdjson', ["common/json", "common/catalog", "daemon/dialect"]),
    (r'_clock::now\(\)', ["common/core/clock.h"]),
    (r'\bgetenv\(', ["common/config", "cli/secrets", "cli/terminal", "common/platform"]),
    (r'\bsqlite3_exec\(|\.exec\([^"R]', ["daemon/store"]),
    (r'"[^"]*\b(anthropic|gemini|openrouter|deepseek|mistral|groq|xai|fireworks|together)\b[^"]*"',
     ["daemon/dialect", "daemon/sandbox", "common/catalog", "common/control", "daemon/control", "cli"]),
    # Only Output may print: what it takes is clean.
    (r'\b(?:fwrite|fprintf|fputs|fputc|puts|putchar|v?printf)\(|std::c(?:out|err)\b',
     ["cli/terminal", "daemon", "common"]),
]

# What no line may have, and why.
FORBIDDEN = [
    (r'\b(?:if|while|for|switch) \((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\bco_await\b',
     "an awaited value inside a condition: GCC 12 lays such frames out wrongly; name it first"),
]


def folder_of(path):
    hits = [f for f in FLOOR_OF if path == f or path.startswith(f + "/") or path.startswith(f + ".")]
    return max(hits, key=len) if hits else None


def stranger_of(path):
    for parent in STRANGERS:
        match = re.match(rf"{parent}/([^/]+)/", path)
        if match:
            return match[1]
    return None


def include_breach(here, target):
    mine, theirs = folder_of(here), folder_of(target)
    if theirs is None:
        return f"{target} belongs to no floor"
    if theirs != mine and FLOOR_OF[theirs] <= FLOOR_OF[mine]:
        return f"{mine} may not include {target}"
    if stranger_of(here) and stranger_of(target) not in (None, stranger_of(here)):
        return f"{stranger_of(here)} may not know {stranger_of(target)}"
    return None


def line_breaches(here, text):
    match = re.match(r'\s*#\s*include\s+"([^"]+)"', text)
    if match:
        breach = include_breach(here, match[1])
        if breach:
            yield breach
    if text.lstrip().startswith("//"):
        return
    for pattern, allowed in FENCES:
        found = re.search(pattern, text)
        if found and not any(here == a or here.startswith(a + "/") for a in allowed):
            yield f"'{found[0]}' belongs in {', '.join(allowed)}"
    for pattern, why in FORBIDDEN:
        if re.search(pattern, text):
            yield why


def violations(root):
    for file in sorted([*root.glob("common/**/*"), *root.glob("daemon/**/*"), *root.glob("cli/**/*")]):
        if file.suffix not in (".h", ".cpp"):
            continue
        here = str(file.relative_to(root))
        if folder_of(here) is None:
            yield f"{here}: belongs to no floor"
            continue
        for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for breach in line_breaches(here, text):
                yield f"{here}:{number}: {breach}"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "layering: no breach")
    sys.exit(bool(found))
