#!/usr/bin/env python3
"""SIGKILL under load, again and again: `kill_test.py [ROUNDS]`. What a caller has seen whole is traced,
the database is sound, what the user has set is as it was, and the daemon serves at once."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time

import cases
from daemon import Daemon
from raw_caller import DIALECTS, PATHS, Caller, request_body
from tcp_provider import TcpProvider, chunked, good_answer, stream_events, stream_head

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
CALLERS = 8
PRICE = {"input": 2, "output": 10}
LEAST_ANSWERS = 40  # fewer would not be load
SEED = 20260101
MODELS = {dialect: ("sandbox/echo", f"box-{dialect}/m") for dialect in DIALECTS}


def serve(dialect):
    """Answers well; streams take their time, so that a kill finds some in the middle."""
    def script(connection):
        while request := connection.read_request():
            if b'"stream": true' not in request:
                connection.send(good_answer(dialect, False))
                continue
            connection.send(stream_head())
            for event in stream_events(dialect, ("a", "b", "c")):
                connection.send(chunked(event))
                time.sleep(0.001)
            connection.send(b"0\r\n\r\n")
    return script


class Load:
    """Callers that ask, in every dialect and both modes, until the daemon is gone. Whoever has got the
    answer number `enough` kills it in that moment: an answer that had come before its trace would
    then have none."""

    def __init__(self, daemon, key, enough):
        self.daemon, self.key, self.enough = daemon, key, enough
        self.killed = threading.Event()
        self.whole, self.wrong, self.lock = [], [], threading.Lock()
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._call, args=(n,)) for n in range(CALLERS)]
        for thread in self.threads:
            thread.start()

    def _call(self, number):
        dice = random.Random(number)
        with contextlib.suppress(OSError):
            caller = Caller(self.daemon, self.key)
            while not self.stop.is_set():
                dialect = dice.choice(DIALECTS)
                model = dice.choice(MODELS[dialect])
                caller.send(dialect, request_body(dialect, model, dice.random() < 0.5))
                answer = caller.read()
                if answer is None or not answer.whole:
                    break
                with self.lock:
                    self.whole.append(answer.fields["x-request-id"])
                    if len(self.whole) == self.enough:
                        os.kill(self.daemon.pid, signal.SIGKILL)
                        self.killed.set()
                    if answer.status != 200:
                        self.wrong.append((PATHS[dialect], model, answer.status, answer.body[:200]))
            caller.close()

    def join(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Changes:
    """Keys made one after the other; those whose making was confirmed."""

    def __init__(self, daemon, prefix):
        self.daemon, self.prefix, self.made = daemon, prefix, {}
        self.thread = threading.Thread(target=self._make)
        self.thread.start()

    def _make(self):
        with contextlib.suppress(Exception):  # until the daemon is gone
            for number in range(100_000):
                name = f"{self.prefix}-{number}"
                self.made[name] = self.daemon.create_key(name)
                time.sleep(0.01)


def check_integrity(database, copy):
    """Of what the kill has left: on a copy, because opening it would already mend it."""
    if copy:
        folder = tempfile.mkdtemp(prefix="r1-copy-")
        for file in database.parent.glob(database.name + "*"):
            shutil.copy(file, folder)
        database = pathlib.Path(folder) / database.name
    connection = sqlite3.connect(database, timeout=10)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()
        if copy:
            shutil.rmtree(folder)


def check_money(daemon):
    """What is settled is what the rows cost, to the picodollar."""
    connection = sqlite3.connect(daemon.database, timeout=10)
    try:
        spent, = connection.execute("SELECT sum(cost) FROM traces").fetchone()
        ledger = dict(connection.execute("SELECT scope, settled FROM ledger"))
        assert connection.execute("SELECT count(*) FROM corrections").fetchone() == (0,)
    finally:
        connection.close()
    assert spent > 0 and ledger["wallet"] == spent, (spent, ledger)
    assert sum(amount for scope, amount in ledger.items() if scope.startswith("key:")) == spent


def own_providers(daemon):
    """Without the built-in one, whose port is another at each start, and without how they do."""
    rows = [row for row in daemon.control("/providers/list") if not row["built_in"]]
    return [{name: said for name, said in row.items() if name != "health"} for row in rows]


def setting(daemon, **settings):
    """A daemon that holds the end of an answer until its trace is committed, however long that takes:
    then none is late."""
    daemon.terminate()
    file = daemon.home / "state" / "control.json"
    control = json.loads(file.read_text())
    control["settings"].update(settings)
    file.write_text(json.dumps(control))
    daemon.start()


def check_traced(daemon, ids):
    """Each has its row (`id` is unique there), and the daemon shows it."""
    connection = sqlite3.connect(daemon.database, timeout=10)
    try:
        states = dict(connection.execute("SELECT id, state FROM traces"))
    finally:
        connection.close()
    missing = [name for name in ids if name not in states]
    assert not missing, f"{len(missing)} of {len(ids)} whole answers have no trace: {missing[:3]}"
    assert all(states[name] == "completed" for name in ids)
    assert daemon.control("/traces/show", {"name": ids[-1]})["id"] == ids[-1]


def one_round(daemon, key, dice, number):
    providers = own_providers(daemon)
    load = Load(daemon, key, dice.randrange(LEAST_ANSWERS, 3 * LEAST_ANSWERS))
    changes = Changes(daemon, f"round{number}")
    try:
        assert load.killed.wait(30), f"only {len(load.whole)} answers in 30 s"
    finally:
        daemon.kill()
        load.join()
        changes.thread.join()
    assert not load.wrong, load.wrong[:3]
    check_integrity(daemon.database, copy=True)

    daemon.start()
    check_traced(daemon, load.whole)
    check_integrity(daemon.database, copy=False)
    check_money(daemon)
    assert own_providers(daemon) == providers
    names = {row["name"] for row in daemon.control("/keys/list")}
    assert changes.made.keys() <= names, changes.made.keys() - names
    for used in (key, *list(changes.made.values())[-1:]):
        caller = Caller(daemon, used)
        for dialect in DIALECTS:
            answer = caller.ask(dialect, MODELS[dialect][1], stream=True)
            assert answer.whole and answer.status == 200, (answer.status, answer.body)
            assert answer.body == b"".join(stream_events(dialect, ("a", "b", "c"))), answer.body
        caller.close()
    for name in changes.made:
        daemon.control("/keys/revoke", {"name": name})
    return len(load.whole), len(changes.made)


def test_rounds_of_kill():
    """what a caller has seen whole is traced after SIGKILL under load, and nothing is damaged"""
    dice = random.Random(SEED)
    sys.setswitchinterval(1e-5)  # so that the kill comes right after the answer
    with contextlib.ExitStack() as stack:
        daemon = stack.enter_context(Daemon())
        for dialect in DIALECTS:
            provider = stack.enter_context(TcpProvider(serve(dialect)))
            auth = "x-api-key" if dialect == "anthropic" else "bearer"
            daemon.add_provider(f"box-{dialect}", provider.base, dialect, auth)
            daemon.control("/models/price",
                           {"model": MODELS[dialect][1], "price": json.dumps(PRICE)})
        key = daemon.create_key("load")
        setting(daemon, commit_wait_ms=60_000)
        answers = keys = 0
        for number in range(ROUNDS):
            try:
                more, made = one_round(daemon, key, dice, number)
            except Exception as problem:
                raise AssertionError(f"round {number} of {ROUNDS}") from problem
            answers, keys = answers + more, keys + made
        print(f"        {ROUNDS} rounds, {answers} whole answers, {keys} keys made while it ran")


if __name__ == "__main__":
    sys.exit(cases.run("kill", cases.collect(globals())))
