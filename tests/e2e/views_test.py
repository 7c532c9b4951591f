#!/usr/bin/env python3
"""What the command line shows of requests, by the real programs: a tail that outlives its daemon, sums
that agree with the budgets to the picodollar, exports that other programs can read, and a status line
that never fails."""
import contextlib
import csv
import io
import json
import os
import pathlib
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import cases
from daemon import Daemon, binary_dir
from provider import Provider

# Odd on purpose: sums of these end in the last digit that is kept.
PRICES = {"box/ok": {"input": "0.123457", "output": "1.000003"},
          "box/other": {"input": "3.000001", "output": "0.000007"}}
SOON = 30.0


class World:
    def __init__(self, stack):
        self.box = stack.enter_context(Provider(name="box", key="sk-box-1111111111111111"))
        self.daemon = stack.enter_context(Daemon())
        self.daemon.add_provider("box", self.box.base, "openai-chat", key=self.box.key)
        for model, price in PRICES.items():
            self.daemon.control("/models/price", {"model": model, "price": json.dumps(price)})
        self.keys = {name: self.daemon.create_key(name) for name in ("ci", "laptop")}
        self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="r1-views-")))

    def environment(self):
        env = {name: value for name, value in os.environ.items() if not name.startswith("ROUTERONE_")}
        return {**env, "ROUTERONE_HOME": str(self.daemon.home)}

    def command(self, *words):
        return [str(binary_dir() / "routerone"), *words]

    def cli(self, *words, code=0, stdin=""):
        done = subprocess.run(self.command(*words), env=self.environment(), timeout=60, text=True,
                              input=stdin, capture_output=True, check=False, cwd=self.folder)
        assert done.returncode == code, (words, done)
        return done

    def ask(self, key="ci", model="box/ok", session="s-1"):
        question = {"model": model, "messages": [{"role": "user", "content": "hi " * 7}]}
        request = urllib.request.Request(
            self.daemon.base + "/v1/chat/completions", json.dumps(question).encode(),
            {"Authorization": "Bearer " + self.keys[key], "Content-Type": "application/json",
             "x-session-id": session})
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
            return answer.headers["x-request-id"]


@contextlib.contextmanager
def stage():
    with contextlib.ExitStack() as stack:
        yield World(stack)


class Tail:
    """`traces tail --json` on its own; `ids` grows as its lines come."""

    def __init__(self, world, *words):
        self.process = subprocess.Popen(world.command("traces", "tail", "--json", *words), text=True,
                                        env=world.environment(), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.ids = []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.ids.append(json.loads(line)["id"])

    def wait(self, count):
        deadline = time.monotonic() + SOON
        while len(self.ids) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return list(self.ids)

    def end(self):
        self.process.send_signal(2)
        self.reader.join()
        told = self.process.stderr.read()
        return self.process.wait(SOON), told


def test_a_tail_outlives_its_daemon():
    """a tail shows every request once and in order, over a restart and over a crash of the daemon"""
    with stage() as world:
        tail = Tail(world, "--since", "1h")
        asked = [world.ask() for _ in range(3)]
        assert tail.wait(3) == asked, tail.ids
        world.daemon.restart()
        asked += [world.ask() for _ in range(3)]
        assert tail.wait(6) == asked, tail.ids
        asked += [world.ask()]
        world.daemon.wait_traces(7)
        world.daemon.restart(kill=True)
        asked += [world.ask() for _ in range(2)]
        assert tail.wait(9) == asked, tail.ids
        code, told = tail.end()
        assert code == 130 and told.startswith("9 requests, $"), (code, told)


def test_a_tail_filters_and_ends():
    """filters, --since and --limit hold; a wrong filter is told at once"""
    with stage() as world:
        for key in ("ci", "laptop", "ci"):
            world.ask(key)
        world.daemon.wait_traces(3)
        done = world.cli("traces", "tail", "key=ci", "--since", "1h", "--limit", "2", "--json")
        assert [json.loads(line)["key"] for line in done.stdout.splitlines()] == ["ci", "ci"]
        assert world.cli("traces", "tail", "colour=red", code=2).stderr.startswith("routerone: filter")


def test_sums_agree_to_the_picodollar():
    """usage and budgets say the same amount, however it is told apart"""
    with stage() as world:
        for turn in range(11):
            world.ask("ci" if turn % 3 else "laptop", "box/ok" if turn % 2 else "box/other")
        rows = world.daemon.wait_traces(11)
        total = sum(row["cost_picousd"] for row in rows)
        assert total % 1_000_000, "a sum that would hide what rounding did"
        for by in ([], ["model"], ["key"], ["day"], ["hour"], ["model", "key"], ["provider", "session"]):
            words = ["--by", ",".join(by)] if by else []
            lines = json.loads(world.cli("usage", *words, "--json").stdout)
            assert sum(line["cost_picousd"] for line in lines) == total, (by, lines)
            assert sum(line["requests"] for line in lines) == 11
        wallet = json.loads(world.cli("budgets", "show", "wallet", "--json").stdout)
        spent = wallet["spent_usd"].replace(".", "").ljust(len(wallet["spent_usd"].split(".")[0]) + 12, "0")
        assert int(spent) == total, (wallet, total)
        fields = world.cli("usage").stdout.rstrip("\n").split("\t")
        assert fields[0] == "11" and fields[2] == wallet["spent_usd"], fields


def test_an_export_is_whole_and_can_be_read():
    """each format holds every request once, oldest first; a file is there only when it is whole"""
    with stage() as world:
        asked = [world.ask(session=session) for session in ("=1+1", "-2", "a,\"b\"", "plain")]
        world.daemon.wait_traces(4)
        lines = [json.loads(line) for line in world.cli("traces", "export").stdout.splitlines()]
        assert [line["id"] for line in lines] == asked
        array = json.loads(world.cli("traces", "export", "--format", "json").stdout)
        assert array == lines
        assert json.loads(world.cli("traces", "export", "key=laptop", "--format", "json").stdout) == []
        done = world.cli("traces", "export", "--format", "csv", "--output", "all.csv")
        assert not done.stdout and "4 traces" in done.stderr, done
        file = world.folder / "all.csv"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        text = file.read_bytes().decode()
        assert text.endswith("\r\n") and text.count("\r\n") == 5
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [row["id"] for row in rows] == asked
        assert [row["session"] for row in rows] == ["'=1+1", "'-2", "a,\"b\"", "plain"], rows
        assert [row["cost_usd"] for row in rows] == [line["cost_usd"] for line in lines]
        world.cli("traces", "export", "colour=red", "--output", "bad.jsonl", code=2)
        assert [entry.name for entry in world.folder.iterdir()] == ["all.csv"]


def test_pruning_and_a_backup():
    """pruning asks first and takes only what is old; a copy is whole and never written over"""
    with stage() as world:
        for _ in range(2):
            world.ask()
        world.daemon.wait_traces(2)
        world.cli("traces", "backup", "copy.db")
        copy = world.folder / "copy.db"
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with contextlib.closing(sqlite3.connect(copy)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("SELECT count(*) FROM traces").fetchone() == (2,)
        assert world.cli("traces", "backup", "copy.db", code=1).stderr.startswith("routerone: ")
        refused = world.cli("traces", "backup", "new/copy.db", code=5).stderr
        assert f"{world.folder}/new: No such file" in refused, refused
        assert f"hint: mkdir -p {world.folder}/new\n" in refused, refused
        refused = world.cli("traces", "backup", "copy.db/x", code=2).stderr
        assert f"{copy}: it is not a folder" in refused, refused
        closed = world.folder / "closed"
        closed.mkdir(mode=0o500)
        if not os.access(closed, os.W_OK):  # root may write there
            world.cli("traces", "backup", "closed/copy.db", code=4)

        assert world.cli("traces", "prune", "--older-than", "1h", "--dry-run").stdout.startswith("0 ")
        world.cli("traces", "prune", code=2)
        world.cli("traces", "prune", "--older-than", "1h", code=2)
        before = world.cli("usage", "--json").stdout
        world.cli("traces", "prune", "--older-than", "0s", "--yes")
        assert not world.daemon.traces()
        total = [json.loads(text)[0]["cost_picousd"] for text in (before, world.cli("usage", "--json").stdout)]
        assert total[0] == total[1], total


def test_a_status_line_never_fails():
    """one line for an agent's bar, by the session it names; of a daemon that is down or hangs a word, and 0"""
    with stage() as world:
        world.ask(session="0b3ecb2e-0000-4000-8000-000000000001")
        world.ask(session="0b3ecb2e-0000-4000-8000-000000000002")
        world.daemon.wait_traces(2)
        told = json.dumps({"session_id": "0b3ecb2e-0000-4000-8000-000000000001", "model": {"id": "x"}})
        line = world.cli("statusline", stdin=told).stdout
        assert line.count("\n") == 1 and line.startswith(("session $", "session <$")), line
        assert "today" in line and "box/ok" in line, line
        assert not world.cli("statusline", stdin="no JSON").stdout.startswith("session")
        # A pipe that nobody closes is not waited for.
        idle, held = os.pipe()
        done = subprocess.run(world.command("statusline"), env=world.environment(), stdin=idle,
                              capture_output=True, text=True, timeout=30, check=True)
        os.close(idle)
        os.close(held)
        assert "today" in done.stdout
        # It takes the call, and then its queue is full: it is there, and that is what the line says.
        world.daemon.process.send_signal(signal.SIGSTOP)
        for _ in range(8):
            assert world.cli("statusline", stdin=told).stdout == "routerone does not answer\n"
        world.daemon.process.send_signal(signal.SIGCONT)
        world.daemon.terminate()
        assert world.cli("statusline", stdin=told).stdout == "routerone is down\n"
        world.daemon.start()


if __name__ == "__main__":
    sys.exit(cases.run("views", cases.collect(globals())))
