#!/usr/bin/env python3
"""An upgrade of the package in the middle of work. Usage: upgrade.py COMMAND   (which installs the newer one)

The programs are those in ROUTERONE_BIN. A request is streaming while COMMAND replaces them: it ends whole. The
daemon that starts then has what was there before: keys, limits, traces, spend. And it takes over a database of
the schema before its own, with what the last daemon was doing when it died."""
import concurrent.futures
import http.client
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from daemon import Daemon  # noqa: E402  (where it is must be known first)


def ask(daemon, key, model, begun=None):
    """The text of a streamed answer, up to its end mark. `begun` is told of its first bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
    connection.request("POST", "/v1/chat/completions", json.dumps(
        {"model": model, "stream": True, "messages": [{"role": "user", "content": "one two three four " * 5}]}),
        {"Content-Type": "application/json", "Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    text = answer.read(1)
    if begun:
        begun.set()
    text += answer.read()
    connection.close()
    assert answer.status == 200, (answer.status, text)
    assert text.rstrip().endswith(b"data: [DONE]"), text[-200:]
    return text


def migrations():
    """The committed texts, by the version that they lead from."""
    source = (ROOT / "daemon" / "store" / "schema.cpp").read_text()
    return re.findall(r'R"sql\((.*?)\)sql"', source, re.S)


def before_last(daemon):
    """Puts a database of the schema before in the place of the daemon's, with one trace and its cost in it."""
    *older, _ = texts = migrations()
    for file in daemon.database.parent.glob(daemon.database.name + "*"):
        file.unlink()
    (daemon.home / "state" / "spend-floor").unlink(missing_ok=True)
    with sqlite3.connect(daemon.database) as db:
        for text in older:
            db.executescript(text)
        columns = db.execute("PRAGMA table_info(traces)").fetchall()
        given = {"id": "01910000-0000-7000-8000-000000000001", "time": 1_760_000_000_000_000, "key_id": "old-key",
                 "key_name": "old", "project": "default", "model": "sandbox/echo", "provider": "sandbox",
                 "status": 200, "state": "completed", "route": "primary", "attempts": "[]", "dropped": "[]",
                 "cost": 5_000_000, "price_source": "catalog", "usage_source": "upstream"}
        needed = [(c[1], given.get(c[1], 0 if c[2] == "INTEGER" else "")) for c in columns
                  if c[1] in given or (c[3] and c[4] is None and not c[5])]
        names, values = zip(*needed, strict=True)
        db.execute(f"INSERT INTO traces ({','.join(names)}) VALUES ({','.join('?' * len(names))})", values)
        db.executemany("INSERT INTO ledger VALUES (?, ?)", [("wallet", 5_000_000), ("project:default", 5_000_000)])
    db.close()
    return len(texts) - 1


def version_of(daemon):
    db = sqlite3.connect(f"file:{daemon.database}?mode=ro", uri=True)
    try:
        return db.execute("PRAGMA user_version").fetchone()[0]
    finally:
        db.close()


def main(install):
    with Daemon() as daemon, concurrent.futures.ThreadPoolExecutor() as pool:
        key = daemon.create_key("kept", max_spend="5")
        ask(daemon, key, "sandbox/echo")
        begun = threading.Event()
        under_way = pool.submit(ask, daemon, key, "sandbox/slow", begun)
        assert begun.wait(30)
        subprocess.run([install], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        assert not under_way.done(), "it was too quick to prove anything"
        daemon.terminate()  # as `routerone restart` does: what is under way ends first
        under_way.result(60)
        daemon.start()
        traces = daemon.traces()
        assert [t["model"] for t in traces] == ["sandbox/slow", "sandbox/echo"], traces
        shown = daemon.control("/keys/show", {"name": "kept"})
        assert shown["max_spend"]["usd"] == "5.000000"
        assert shown["budget"]["spent_usd"] == f"{sum(t['cost_picousd'] for t in traces) / 1e12:.12f}".rstrip("0"), shown
        ask(daemon, key, "sandbox/echo")

        # Killed with a request under way, and its database is one of the schema before.
        begun.clear()
        under_way = pool.submit(ask, daemon, key, "sandbox/slow", begun)
        assert begun.wait(30)
        daemon.kill()
        assert isinstance(under_way.exception(60), (AssertionError, http.client.HTTPException, OSError))
        version = before_last(daemon)
        assert version_of(daemon) == version
        daemon.start()
        assert version_of(daemon) == version + 1, version_of(daemon)
        states = {t["state"]: t for t in daemon.traces()}
        assert states["completed"]["key"] == "old" and states["completed"]["cost_picousd"] == 5_000_000, states
        assert states["interrupted"]["key"] == "kept", states
        ask(daemon, key, "sandbox/echo")
        assert daemon.control("/daemon/status")["store"]["trouble"] is None


if __name__ == "__main__":
    main(sys.argv[1])
