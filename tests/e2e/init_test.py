#!/usr/bin/env python3
"""`routerone init` without a terminal and with one: from an empty home to an answered request, what is asked
and what is not, a run that was stopped half-way, a second run, and no secret of a provider's anywhere."""
import contextlib
import http.server
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile

import cases
from background_server import BackgroundServer
from daemon import binary_dir
from provider import Provider

SECRET = "sk-acme-init-0123456789"
KEY = re.compile(r"sk-rk-[0-9A-Za-z]{36}")
MODEL = {"id": "acme/m", "name": "M", "lab": "acme", "kind": "chat",
         "offers": [{"provider": "acme", "upstream_id": "m", "price": {"input": 1, "output": 2},
                     "price_source": "mine"}]}


class RefusesKeys(http.server.BaseHTTPRequestHandler):
    """A provider to which no key is good."""

    def do_GET(self):
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


class User:
    """A user with a fresh home, whose environment has the key of a provider called acme."""

    def __init__(self, stack):
        self.home = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="r1-")))
        self.acme = stack.enter_context(Provider(name="acme", key=SECRET))
        (self.home / "bin").mkdir()
        self.env = {"PATH": f"{self.home}/bin:/usr/bin:/bin", "HOME": str(self.home),
                    "ROUTERONE_HOME": str(self.home / "r"), "ROUTERONE_LISTEN": "127.0.0.1:0",
                    "ACME_API_KEY": SECRET}
        stack.callback(self.cli, "down", code=None)

    def command(self, *words):
        return [str(binary_dir() / "routerone"), *words]

    def cli(self, *words, code=0):
        done = subprocess.run(self.command(*words), env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        assert code is None or done.returncode == code, (words, done)
        assert SECRET not in done.stdout + done.stderr, words
        return done

    def know_acme(self, base=None):
        """The catalog learns of it; no real provider is ever asked by these tests."""
        catalog = self.home / "catalog.json"
        catalog.write_text(json.dumps({
            "schema_version": 1, "generated": "2026-12-24",
            "sources": [{"id": "mine", "name": "my list", "date": "2026-12-23"}],
            "providers": [{"id": "acme", "name": "Acme", "kind": "inference", "auth": "bearer",
                           "base_url": base or self.acme.base, "dialect": "openai-chat", "env": ["ACME_API_KEY"]}],
            "models": [MODEL]}))
        self.cli("up")
        self.cli("models", "update", "--file", str(catalog))

    def install_agent(self):
        agent = self.home / "bin" / "claude"
        agent.write_text("#!/bin/sh\n")
        agent.chmod(0o755)
        return self.home / ".claude" / "settings.json"

    def providers(self):
        return [one["id"] for one in json.loads(self.cli("providers", "list", "--json").stdout)
                if not one["built_in"]]

    def keys(self):
        return [one["name"] for one in json.loads(self.cli("keys", "list", "--json").stdout)]

    def no_secret_is_left(self):
        """But in the provider's own file."""
        holders = [file for file in self.home.rglob("*") if file.is_file() and not file.is_symlink()
                   and SECRET.encode() in file.read_bytes()]
        assert all(file.parent.name == "secrets" for file in holders), holders


@contextlib.contextmanager
def user():
    with contextlib.ExitStack() as stack:
        yield User(stack)


def paste(text, env):
    """What the printed lines give when a shell gets them."""
    return subprocess.run(["sh", "-c", text], env=env, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)


def test_an_empty_home_becomes_an_answered_request():
    """From nothing, without keys of providers: the printed lines, pasted, are answered"""
    with user() as one:
        del one.env["ACME_API_KEY"]
        done = one.cli("init")
        assert "it works: sandbox/echo has answered a first request" in done.stderr, done
        assert "providers add" in done.stderr
        assert done.stdout.count("sk-rk-") == 1
        answer = paste(done.stdout, one.env)
        assert json.loads(answer.stdout)["choices"][0]["message"]["content"], answer
        assert one.keys() == ["default"] and one.providers() == []


def test_nothing_is_used_that_nobody_agreed_to():
    """Without a terminal a key of a provider is used if it is named, or all with --yes"""
    with user() as one:
        one.know_acme()
        shown = one.cli("init", "--no-setup").stderr
        assert "$ACME_API_KEY has a key for acme" in shown and one.providers() == []
        assert not one.acme.records
        done = one.cli("init", "--no-setup", "--provider", "acme", "--json")
        said = json.loads(done.stdout)
        assert [(p["id"], p["state"]) for p in said["providers"]] == [("acme", "works")], said
        assert one.providers() == ["acme"] and one.acme.records
        one.no_secret_is_left()


def test_a_second_run_changes_nothing():
    """Run again it finds all there, makes no second key and no second set-up"""
    with user() as one:
        one.know_acme()
        settings = one.install_agent()
        first = one.cli("init", "--yes")
        assert "acme works" in first.stderr and settings.exists(), first
        before = settings.read_bytes(), sorted(one.keys())
        again = one.cli("init", "--yes")
        assert "acme was added before" in again.stderr and "claude is set up already" in again.stderr
        assert not KEY.search(again.stdout) and "keys rotate default" in again.stderr
        assert (settings.read_bytes(), sorted(one.keys())) == before
        one.no_secret_is_left()


def test_a_key_that_does_not_work_is_not_kept():
    """A provider that refuses its key is told of, not kept, and the rest is done; a named one ends in 7"""
    with user() as one, BackgroundServer(RefusesKeys) as refusing:
        one.know_acme(f"http://{refusing.host}/v1")
        done = one.cli("init", "--no-setup", "--yes")
        assert "acme does not work and was not added" in done.stderr, done
        assert one.providers() == [] and KEY.search(done.stdout)
        one.cli("init", "--no-setup", "--provider", "acme", code=7)
        one.cli("init", "--no-setup", "--provider", "nobody", code=2)


def test_a_script_gets_the_key_alone():
    """With --quiet the key stands alone on stdout, under the name that was wished for"""
    with user() as one:
        done = one.cli("init", "--quiet", "--no-setup", "--key-name", "ci")
        assert KEY.fullmatch(done.stdout.strip()) and done.stderr == "", done
        assert one.keys() == ["ci"]


def talk(one, answers, *words):
    """Runs init at a terminal, answers each question in turn; what was shown and the exit code."""
    master, slave = pty.openpty()
    process = subprocess.Popen(one.command("init", *words), env={**one.env, "TERM": "xterm"}, stdin=slave,
                               stdout=slave, stderr=slave, close_fds=True, start_new_session=True)
    os.close(slave)
    said = b""
    for answer in [*answers, None]:
        part = b""
        while answer is None or b"[y/N] " not in part:
            assert select.select([master], [], [], 60)[0], said + part
            try:
                part += os.read(master, 4096)
            except OSError:  # the other end is closed
                break
        said += part
        if callable(answer):
            answer(process)
        elif answer is not None:
            os.write(master, answer)
    os.close(master)
    return said.decode(), process.wait(60)


def test_a_person_is_asked_before_each_thing():
    """At a terminal each key and each agent is asked for; no, nonsense and Ctrl-D leave it alone"""
    with user() as one:
        one.know_acme()
        settings = one.install_agent()
        for no in (b"n\n", b"what\n", b"\x04"):
            said, code = talk(one, [no, no])
            assert code == 0 and said.count("[y/N]") == 2, said
            assert "Use the key in $ACME_API_KEY for acme?" in said, said
            assert one.providers() == [] and not settings.exists()
        said, code = talk(one, [b"y\n", b"y\n"])
        assert code == 0 and SECRET not in said, said
        assert one.providers() == ["acme"] and "127.0.0.1" in settings.read_text()


def test_a_run_that_is_stopped_is_gone_on_with():
    """Ctrl-C at a question leaves what was done whole, and the next run goes on"""
    with user() as one:
        one.know_acme()
        settings = one.install_agent()
        said, code = talk(one, [b"y\n", lambda process: process.send_signal(signal.SIGINT)])
        assert code in (-signal.SIGINT, 130), (code, said)
        assert one.providers() == ["acme"] and one.keys() == [] and not settings.exists()
        done = one.cli("init", "--yes")
        assert "acme was added before" in done.stderr and KEY.search(done.stdout), done
        assert settings.exists()


if __name__ == "__main__":
    sys.exit(cases.run("init", cases.collect(globals())))
