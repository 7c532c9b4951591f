"""Faults of a provider in any dialect and mode, with the books checked after each: one trace, as many
requests at the providers as it tells, the connection as good as before."""
import json
import os
import time

import cases
import faults_test
from faults_test import BAD, GOOD, MODES, World, expected
from raw_caller import DIALECTS, Caller
from tcp_provider import head

STREAMS = [(dialect, True) for dialect in DIALECTS]
NOTHING_SENT = ("connect_refused", "tls_certificate", "tls_handshake", "dns", "connect_timeout")


class Here:
    """The daemon and the providers of the cases that run."""
    world = None


here = Here()


def requests_at(provider):
    with provider.lock:
        return len(provider.requests)


def newest():
    rows = here.world.daemon.traces(limit=1)
    return rows[0]["sequence"] if rows else 0


def check_told(dialect, trace, earlier=0):
    """The providers got as many requests as the trace tells, and `earlier` ones before it."""
    told = dict.fromkeys((BAD[dialect], GOOD[dialect]), 0)
    for attempt in trace["attempts"]:
        told[attempt["provider"]] += (attempt["code"] not in NOTHING_SENT) + attempt["replayed"]
    got = {BAD[dialect]: requests_at(here.world.bad) - earlier,
           GOOD[dialect]: requests_at(here.world.good[dialect][0])}
    assert told == got, (told, got, trace["attempts"])


def ask(dialect, stream, fallback, fault):
    """One request to a provider that reads it and then does `fault(connection)`. The books are checked
    before the answer is handed back."""
    def script(connection):
        if connection.read_request():
            fault(connection)
    here.world.bad.reset(script)
    good = here.world.good[dialect][0]
    good.requests.clear()
    before = newest()
    caller = Caller(here.world.daemon, here.world.key)
    answer = caller.ask(dialect, here.world.fresh_model(dialect, fallback), stream)
    assert answer is not None, "the connection closed without an answer"
    trace = here.world.trace(answer)
    assert trace["sequence"] == before + 1 and newest() == before + 1, "not one row a request"
    check_told(dialect, trace)
    if answer.whole and answer.fields.get("connection") != "close":
        again = caller.ask(dialect, f"{GOOD[dialect]}/again", stream)
        assert again is not None and again.whole, "the connection is poisoned"
        assert again.status == 200 and again.body == expected(dialect, stream), again.body
    else:
        assert caller.is_closed(), "neither whole nor closed"
    caller.close()
    return answer, trace


def fails_over(fault, modes=MODES):
    """`fault(dialect, stream)` makes what the provider does. Unseen with another target; alone a typed
    error of the caller's dialect."""
    for dialect, stream in modes:
        answer, trace = ask(dialect, stream, True, fault(dialect, stream))
        where = (dialect, stream, answer.status, answer.body[:200], trace["attempts"])
        assert answer.status == 200 and answer.whole, where
        assert answer.body == expected(dialect, stream), where
        assert trace["state"] == "completed" and trace["provider"] == GOOD[dialect], where
        assert len(trace["attempts"]) == 2 and trace["attempts"][0]["error"], where
        answer, trace = ask(dialect, stream, False, fault(dialect, stream))
        where = (dialect, stream, answer.status, answer.body[:200], trace["attempts"])
        assert answer.whole and answer.status in (404, 429, 502, 503, 529), where
        error = answer.json()["error"]
        assert error["type"] and error["message"], where
        assert (answer.json().get("type") == "error") == (dialect == "anthropic"), where
        assert trace["state"] in ("upstream_failed", "refused") and trace["error"], where
        assert len(trace["attempts"]) == 1, where


def always(data):
    return lambda dialect, stream: lambda connection: connection.send(data)


def answer_with(*fields, status=200):
    """The right body under a head of its own making."""
    def make(dialect, stream):
        body = expected(dialect, stream)
        filled = [field.replace("LENGTH", str(len(body))) for field in fields]
        return lambda connection: connection.send(head(status, *filled) + body)
    return make


def error_events(dialect, tail):
    """The error events in the end of a stream, each parsed and of the dialect's form."""
    found = []
    for event in filter(None, tail.split(b"\n\n")):
        event = event.lstrip(b"\n")
        while event.startswith(b":"):
            event = event.partition(b"\n")[2]
        data = json.loads(b"".join(line[5:] for line in event.split(b"\n") if line.startswith(b"data:")))
        error = data if dialect == "openai-responses" else data.get("error")
        if data.get("type", "error") != "error" or not error:
            continue
        assert error["message"] and (error.get("code") or error.get("type")), event
        assert dialect == "openai-chat" or event.startswith(b"event: error\n"), event
        found.append(data)
    return found


def wait_row(after):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        rows = here.world.daemon.traces(limit=1)
        if rows and rows[0]["sequence"] > after:
            return here.world.daemon.control("/traces/show", {"name": rows[0]["id"]})
        time.sleep(0.005)
    raise AssertionError("no trace")


def held():
    """Descriptors and threads of the daemon."""
    return tuple(len(os.listdir(f"/proc/{here.world.daemon.pid}/{kind}")) for kind in ("fd", "task"))


class Stage(World):
    def set_timers(self, **settings):
        self.daemon.terminate()
        file = self.daemon.home / "state" / "control.json"
        control = json.loads(file.read_text())
        control["settings"].update(settings)
        file.write_text(json.dumps(control))
        self.daemon.start()


def run(title, scope):
    here.world = faults_test.world = Stage()
    try:
        return cases.run(title, cases.collect(scope))
    finally:
        here.world.daemon.__exit__()
