#!/usr/bin/env python3
"""Several keys of one provider, set up as a user does: they take turns, and one that is limited or refused
is left to the others, and comes back. No byte that is written and no command line holds one of them."""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import subprocess
import sys
import time

import cases
import provider_answers as answers
from background_server import BackgroundServer
from daemon import Daemon, binary_dir

FIRST, SECOND = "sk-firstcanary-1111111111", "sk-secondcanary-2222222222"
PAUSE = 3  # seconds a limited key is to be left alone


class Accounts(BackgroundServer):
    """A provider that knows two keys. `trouble` says what one of them meets instead of an answer;
    `asked` is the keys that came, and when."""

    def __init__(self):
        super().__init__(Handler)
        self.asked, self.trouble = [], {}

    def count(self, key):
        return sum(1 for one, _ in self.asked if one == key)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.reply(None)

    def do_POST(self):
        self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def reply(self, body):
        """To a list of models, where there is no body; to an empty one, which no request has."""
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if body:
            self.server.asked.append((key, time.monotonic()))
        status, more = self.server.trouble.get(key, (200, {})) if key in (FIRST, SECOND) else (401, {})
        if status == 200 and body == {}:
            status = 400
        if status != 200:
            payload = answers.error("chat", status, "req_up")
        elif body is None:
            payload = answers.models(False)
        else:
            payload = answers.whole("chat", body, answers.Script(body))
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(payload), **more}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(payload)


def start(daemon, *words, **options):
    env = {**os.environ, "ROUTERONE_HOME": str(daemon.home), "FIRST_KEY": FIRST, "SECOND_KEY": SECOND}
    return subprocess.Popen([binary_dir() / "routerone", *words], env=env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def cli(daemon, *words):
    process = start(daemon, *words)
    out, err = process.communicate(timeout=30)
    for text in (out, err):
        assert FIRST not in text and SECOND not in text, text
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def done(daemon, *words):
    result = cli(daemon, *words)
    assert result.returncode == 0, (words, result.stdout, result.stderr)
    return result


def ask(daemon, key, prompt="hi"):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("POST", "/v1/chat/completions",
                           json.dumps({"model": "two/small", "messages": [{"role": "user", "content": prompt}]}),
                           {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@contextlib.contextmanager
def stage():
    with Accounts() as provider, Daemon() as daemon:
        done(daemon, "providers", "add", "two", "--base-url", f"http://{provider.host}/v1", "--dialect",
             "openai-chat", "--key-from", "env:FIRST_KEY")
        done(daemon, "providers", "keys", "add", "two", "other", "--key-from", "env:SECOND_KEY")
        yield provider, daemon, daemon.create_key("turns")


def all_served(daemon, key, count):
    for number in range(count):
        status, body = ask(daemon, key)
        assert status == 200, (number, status, body)


def health(daemon, name):
    """Of the key of that name."""
    keys = json.loads(done(daemon, "providers", "keys", "list", "two", "--json").stdout)
    return next(one["health"] for one in keys if one["name"] == name)


def ask_until(daemon, key, provider, wanted, within=15.0):
    """Asks on until that key is asked, too."""
    before, deadline = provider.count(wanted), time.monotonic() + within
    while provider.count(wanted) == before:
        assert time.monotonic() < deadline, f"{wanted} was not asked for {within} s"
        all_served(daemon, key, 1)
        time.sleep(0.02)


def test_turns():
    """Keys that do as well take turns; a session with much to cache stays with the one it began with"""
    with stage() as (provider, daemon, key):
        for session in range(60):
            assert ask(daemon, key, f"session {session}")[0] == 200
        assert min(provider.count(FIRST), provider.count(SECOND)) >= 10, provider.asked
        provider.asked.clear()
        for _ in range(20):
            assert ask(daemon, key, "much to read, " * 1000)[0] == 200
        assert 0 in (provider.count(FIRST), provider.count(SECOND)), provider.asked


def test_limited():
    """A key that is limited is left to the other at once, for as long as it was said, and comes back"""
    for limited, name, other in ((FIRST, None, SECOND), (SECOND, "other", FIRST)):
        with stage() as (provider, daemon, key):
            provider.trouble[limited] = (429, {"Retry-After": PAUSE})
            ask_until(daemon, key, provider, limited)
            all_served(daemon, key, 20)
            assert provider.count(limited) == 1, "it was asked again before its time"
            assert provider.count(other) >= 21
            told = health(daemon, name)
            assert (told["state"], told["why"], told["told"]) == ("cooling", "rate_limited", True), told
            assert "cooling" in done(daemon, "providers", "list").stdout
            provider.trouble.clear()
            ask_until(daemon, key, provider, limited)
            times = [at for one, at in provider.asked if one == limited]
            assert times[1] - times[0] >= PAUSE, times
            all_served(daemon, key, 4)
            assert health(daemon, name)["state"] == "ok"


def test_refused():
    """A key that is refused is left to the other, and providers test says which it is"""
    with stage() as (provider, daemon, key):
        provider.trouble[FIRST] = (401, {})
        ask_until(daemon, key, provider, FIRST)
        all_served(daemon, key, 20)
        assert provider.count(FIRST) == 1
        assert health(daemon, None)["why"] == "credential_refused"
        tried = cli(daemon, "providers", "test", "two", "--json")
        assert tried.returncode == 7, tried
        verdicts = {one["credential"]: one["ok"] for one in json.loads(tried.stdout)["checks"]}
        assert verdicts == {None: False, "other": True}, verdicts


def test_many_refused():
    """However many keys are refused one after the other, a request is not lost while one is good"""
    with stage() as (provider, daemon, key):
        for number in range(5):
            done(daemon, "providers", "keys", "add", "two", "--key-from", f"cmd:echo sk-wrong-{number}")
        provider.trouble[FIRST] = (401, {})
        for session in range(12):
            assert ask(daemon, key, f"session {session}")[0] == 200, daemon.traces()
        assert len(provider.asked) <= 12 + 6, provider.asked  # each of the others once, at most


def test_all_limited():
    """Where every key is limited, the caller is told when the first of them is free again"""
    with stage() as (provider, daemon, key):
        provider.trouble = {FIRST: (429, {"Retry-After": 600}), SECOND: (429, {"Retry-After": 300})}
        assert ask(daemon, key)[0] == 429
        # By hand: what they said is forgotten, and the next request is served.
        provider.trouble.clear()
        done(daemon, "providers", "reset", "two")
        all_served(daemon, key, 2)


def test_first_unreadable():
    """A provider whose first key cannot be read is served by the other"""
    with stage() as (provider, daemon, key):
        daemon.terminate()
        (daemon.home / "state" / "secrets" / "two.key").unlink()
        daemon.start()
        all_served(daemon, key, 5)
        assert provider.count(SECOND) == 5 and len(provider.asked) == 5, provider.asked
        assert "could not be read" in done(daemon, "providers", "show", "two").stderr


def test_removed():
    """A key that was removed is not used any more, and its file is gone"""
    with stage() as (provider, daemon, key):
        assert cli(daemon, "providers", "keys", "remove", "two", "other").returncode == 2  # nobody can be asked
        done(daemon, "providers", "keys", "remove", "two", "other", "--yes")
        all_served(daemon, key, 10)
        assert provider.count(SECOND) == 0
        assert [path.name for path in (daemon.home / "state" / "secrets").iterdir()] == ["two.key"]


def test_replaced():
    """A refused key that is given anew is used at once"""
    with stage() as (provider, daemon, key):
        done(daemon, "providers", "update", "two", "--key", "other", "--key-from", "cmd:echo sk-wrong-3333333333")
        ask_until(daemon, key, provider, "sk-wrong-3333333333")
        assert health(daemon, "other")["why"] == "credential_refused"
        done(daemon, "providers", "update", "two", "--key", "other", "--key-from", "env:SECOND_KEY")
        ask_until(daemon, key, provider, SECOND)


def command_lines():
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield path.read_bytes()


def test_nowhere():
    """Neither key stands in a log, a trace, a table, an answer or a command line; only in its own file"""
    secrets = (FIRST.encode(), SECOND.encode())
    with stage() as (provider, daemon, key):
        kept = daemon.home / "theirs"
        kept.write_text(SECOND)
        slow = daemon.home / "slow"
        slow.write_text(f"#!/bin/sh\nsleep 0.3\ncat {kept}\n")
        slow.chmod(0o700)
        adding = start(daemon, "providers", "update", "two", "--key", "other", "--key-from", f"cmd:{slow}")
        seen = 0
        while adding.poll() is None:
            for line in command_lines():
                seen += b"--key-from" in line
                assert not any(secret in line for secret in secrets), line
        assert adding.wait() == 0 and seen, adding.communicate()
        adding.communicate()
        kept.unlink()
        provider.trouble = {FIRST: (401, {}), SECOND: (500, {})}
        for _ in range(6):
            ask(daemon, key)
        for words in (("providers", "show", "two"), ("providers", "list", "--json"), ("providers", "test", "two"),
                      ("traces", "list", "--json"), ("providers", "keys", "list", "two", "--json")):
            cli(daemon, *words)
        daemon.terminate()
        homes = {}
        for path in daemon.home.rglob("*"):
            if path.is_file():
                found = [secret for secret in secrets if secret in path.read_bytes()]
                if found:
                    homes[path.name] = (len(found), oct(path.stat().st_mode & 0o777))
        assert homes == {"two.key": (1, "0o600"), "two#other.key": (1, "0o600")}, homes


if __name__ == "__main__":
    sys.exit(cases.run("credentials", cases.collect(globals())))
