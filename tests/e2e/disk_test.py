#!/usr/bin/env python3
"""Fault row 27: the disk is full, or the database locked. Keys without a spend limit are served; those with
one while what they spend can be written down somewhere, else they are told to come back. Nothing is lost."""
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time

import cases
from daemon import Daemon
from kill_test import check_integrity
from raw_caller import Caller
from tcp_provider import TcpProvider, serve_good

PRICE = {"input": 1_000_000, "output": 1_000_000}
COST = 5 * 10**12  # three tokens in, two out, a dollar each
SIZE = "8m"


def mount(folder):
    """A disk of its own, small enough to be filled. Without the right to, the test runs itself once more
    where it has it."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    if not os.environ.get("E2E_OWN_MOUNTS") and shutil.which("unshare"):
        again = ["unshare", "-rm", sys.executable, *sys.argv]
        if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0:
            sys.exit(subprocess.run(again, env={**os.environ, "E2E_OWN_MOUNTS": "1"}, check=False).returncode)
    raise cases.Skipped("no file system can be mounted here")


class World:
    def __init__(self, stack):
        self.provider = stack.enter_context(TcpProvider(serve_good("openai-chat", False)))
        self.daemon = Daemon()
        state = self.daemon.home / "state"
        mount(state)
        stack.callback(subprocess.run, ["umount", "-l", str(state)], check=False)
        self.filler = state / "filler"
        stack.enter_context(self.daemon)
        self.daemon.add_provider("box", self.provider.base, "openai-chat")
        self.daemon.control("/models/price", {"model": "box/m", "price": json.dumps(PRICE)})
        self.keys = {"free": self.daemon.create_key("free"),
                     "limited": self.daemon.create_key("limited", max_spend="900000")}
        self.served = 0
        ids = {row["name"]: row["id"] for row in self.daemon.control("/keys/list")}
        self.scopes = {name: f"key:{number}" for name, number in ids.items()}
        self.spent = dict.fromkeys(self.keys, 0)

    def fill(self):
        with open(self.filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 4096)

    def ask(self, name):
        caller = Caller(self.daemon, self.keys[name])
        body = {"model": "box/m", "max_tokens": 2, "messages": [{"role": "user", "content": "x"}]}
        caller.send("openai-chat", json.dumps(body).encode())
        answer = caller.read()
        caller.close()
        if answer.status == 200:
            self.spent[name] += COST
        return answer

    def until(self, what, words, limit=20.0):
        deadline = time.monotonic() + limit
        while not what():
            assert time.monotonic() < deadline, f"{words}: {self.daemon.control('/daemon/status')}"
            time.sleep(0.05)

    def waiting(self):
        """Rows that the database could not take yet."""
        return self.daemon.control("/daemon/status")["store"]["rows_waiting"]

    def shown(self, name):
        budget = self.daemon.control("/budgets/show", {"name": f"key:{name}"})
        whole, _, part = budget["settled_usd"].partition(".")
        return int(whole) * 10**12 + int((part + "0" * 12)[:12])

    def check_books(self):
        """All rows are in the database, and ledger and rows say what was spent."""
        due = {self.scopes[name]: amount for name, amount in self.spent.items() if amount}

        def read(query):
            with contextlib.closing(sqlite3.connect(f"file:{self.daemon.database}?mode=ro", uri=True,
                                                    timeout=10)) as connection:
                return dict(connection.execute(query).fetchall())
        ledger = "SELECT scope, settled FROM ledger WHERE scope LIKE 'key:%'"
        self.until(lambda: read(ledger) == due, f"the ledger is not {due}")
        rows = read("SELECT 'key:' || key_id, sum(cost) FROM traces WHERE cost > 0 GROUP BY key_id")
        assert rows == due, (rows, due)
        for name, amount in self.spent.items():
            assert self.shown(name) == amount, (name, self.shown(name), amount)
        check_integrity(self.daemon.database, copy=False)


world = None


def test_all_is_well():
    """before any fault both keys are served"""
    assert world.ask("free").status == world.ask("limited").status == 200
    world.check_books()


def test_locked():
    """a locked database: both keys are served, what they spend counts at once, and is written down after"""
    lock = sqlite3.connect(world.daemon.database, timeout=10, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for _ in range(5):
        assert world.ask("free").status == world.ask("limited").status == 200
        assert world.shown("limited") == world.spent["limited"]
    assert world.waiting() > 0
    lock.execute("ROLLBACK")
    lock.close()
    world.check_books()


def test_locked_and_killed():
    """a locked database and SIGKILL: what was spent meanwhile is found again, to the picodollar"""
    lock = sqlite3.connect(world.daemon.database, timeout=10, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for _ in range(5):
        assert world.ask("free").status == world.ask("limited").status == 200
    assert world.waiting() > 0
    world.daemon.kill()
    lock.close()
    world.daemon.start()
    assert world.shown("limited") == world.spent["limited"]
    world.check_books()


def test_full():
    """a full disk: the key without a limit is served, the other is told to come back, until there is room"""
    world.fill()
    refused = []

    def is_refused():
        assert world.ask("free").status == 200
        answer = world.ask("limited")
        if answer.status == 200:
            return False
        refused.append(answer)
        return True
    world.until(is_refused, "a key with a spend limit is served although nothing can be written")
    for _ in range(20):
        assert world.ask("free").status == 200
        answer = world.ask("limited")
        assert answer.status == 503 and int(answer.fields["retry-after"]) >= 1, answer.body
        assert b"credit" not in answer.body and b"balance" not in answer.body, answer.body
    assert world.shown("limited") == world.spent["limited"] and world.waiting() > 0
    world.filler.unlink()
    world.until(lambda: world.ask("limited").status == 200, "nobody noticed that there is room again")
    world.check_books()


def test_full_and_killed():
    """a full disk and SIGKILL, then a start on the full disk: what was spent is known and kept"""
    world.fill()
    world.until(lambda: world.ask("limited").status == 503, "served although nothing can be written")
    assert world.ask("free").status == 200
    world.daemon.restart(kill=True)
    assert world.shown("limited") == world.spent["limited"], (world.shown("limited"), world.spent)
    assert world.ask("free").status == 200
    world.until(lambda: world.ask("limited").status == 503, "served although nothing can be written")
    world.filler.unlink()
    world.until(lambda: world.ask("limited").status == 200, "nobody noticed that there is room again")
    world.check_books()


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        try:
            world = World(everything)
        except cases.Skipped as reason:
            print(f"skipped disk: {reason}")
            sys.exit(0)
        sys.exit(cases.run("disk", cases.collect(globals())))
