#!/usr/bin/env python3
"""`routerone config` as a user types it: what is set on one machine is put in force on another, with all its
secrets or with none of them."""
import contextlib
import json
import os
import pathlib
import stat
import subprocess
import sys
import tempfile

import httpx2

import cases
from daemon import Daemon, binary_dir

SECRET = "sk-upstream-0123456789abcdef"

here = there = folder = None


def cli(daemon, *words, code=0, stdin="", cwd=None):
    env = {"ROUTERONE_HOME": str(daemon.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    ended = subprocess.run([binary_dir() / "routerone", *words], env=env, input=stdin, capture_output=True, text=True,
                           timeout=60, check=False, cwd=cwd or folder)
    assert ended.returncode == code, (words, ended)
    return ended


def status_of(daemon, key):
    answer = httpx2.post(f"{daemon.base}/v1/chat/completions", headers={"Authorization": f"Bearer {key}"},
                         json={"model": "quick", "messages": [{"role": "user", "content": "hi"}]}, timeout=30,
                         trust_env=False)
    return answer.status_code


def furnish(daemon):
    daemon.add_provider("mybox", "http://127.0.0.1:1/v1", "openai-chat")
    cli(daemon, "projects", "create", "web", "--max-spend", "5", "--every", "day", "--quiet")
    cli(daemon, "models", "alias", "quick", "sandbox/echo", "--quiet")
    cli(daemon, "routes", "candidates", "auto", "sandbox/echo", "--quiet")
    cli(daemon, "budgets", "topup", "10", "--quiet")
    return cli(daemon, "keys", "create", "ci", "--project", "web", "--max-spend", "3", "--quiet").stdout.strip()


def test_a_key_goes_along():
    """exported with secrets here and applied there, the same key works there, budgets, routes and prices too"""
    file = folder / "all.json"
    told = cli(here, "config", "export", "--with-secrets", str(file))
    assert told.stdout == "" and "can spend your money" in told.stderr
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert SECRET in file.read_text()
    assert status_of(there, key) == 401
    ended = cli(there, "config", "apply", str(file), "--yes")
    assert "+ key ci" in ended.stdout and "+ provider mybox" in ended.stdout, ended.stdout
    assert SECRET not in ended.stdout + ended.stderr
    assert status_of(there, key) == 200
    assert status_of(here, key) == 200
    for words in (("routes", "show"), ("projects", "show", "web"), ("models", "show", "quick")):
        mine, theirs = (json.loads(cli(one, *words, "--json").stdout) for one in (here, there))
        for answer in (mine, theirs):
            answer.pop("budget", None), answer.pop("spent_usd", None)
        assert mine == theirs, words


def test_exports_are_the_same_bytes():
    """exporting again, here or there, gives the same bytes; without secrets there are none in them"""
    first = cli(here, "config", "export").stdout
    assert first == cli(here, "config", "export").stdout
    for secret in (SECRET, key, "hmac", "pepper"):
        assert secret not in first
    one, other = folder / "one.json", folder / "other.json"
    for daemon, file in ((here, one), (there, other)):
        cli(daemon, "config", "export", "--with-secrets", str(file))
    mine, theirs = json.loads(one.read_text()), json.loads(other.read_text())
    for config in (mine, theirs):  # each has spent something of its own by now
        config["control"]["wallet"].pop("spent_usd")
    assert json.dumps(mine) == json.dumps(theirs)
    again = cli(there, "config", "apply", str(other), "--yes")
    assert again.stdout == "" and "nothing changes" in again.stderr


def test_a_file_that_is_there_is_not_replaced_unasked():
    """off a terminal --yes is needed to replace a file, and a refused apply changes nothing"""
    file = folder / "kept.json"
    file.write_text("mine")
    ended = cli(here, "config", "export", "--with-secrets", str(file), code=2)
    assert "--yes" in ended.stderr and file.read_text() == "mine"
    cli(here, "config", "export", "--with-secrets", "-", code=2)
    config = json.loads(cli(here, "config", "export").stdout)
    config["control"]["aliases"] = {}
    ended = cli(here, "config", "apply", "-", code=2, stdin=json.dumps(config))
    assert "- alias quick" in ended.stdout and "--yes" in ended.stderr
    ended = cli(here, "config", "apply", "-", "--dry-run", stdin=json.dumps(config))
    assert "- alias quick" in ended.stdout and "nothing was changed" in ended.stderr
    assert "quick" in cli(here, "routes", "show").stdout


def test_a_broken_file_names_the_place():
    """what cannot be used is refused with the file and the place, and nothing changes"""
    before = cli(here, "config", "export").stdout
    broken = folder / "broken.json"
    for text, code, words in (
            ("{\n \"format\": oops\n}", 2, "broken.json: line 2, column"),
            ("[]", 2, "not a configuration"),
            (before.replace('"project": "web"', '"project": "wab"'), 5, 'keys[0] ("ci")'),
            (before.replace('"websocket"', '"webzocket"'), 2, "settings.webzocket"),
            (before.replace('"version": 1,', '"version": 7,', 1), 1, "it has version 7")):
        broken.write_text(text)
        ended = cli(here, "config", "apply", str(broken), "--yes", code=code)
        assert words in ended.stderr, (words, ended.stderr)
    cli(here, "config", "apply", str(folder / "none.json"), "--yes", code=5)
    assert cli(here, "config", "export").stdout == before


def test_path_needs_no_daemon():
    """path and its JSON tell the places without a daemon; export says that it needs one"""
    with Daemon() as gone:
        gone.terminate()
        file = cli(gone, "config", "path").stdout.strip()
        assert pathlib.Path(file) == gone.home / "state" / "control.json"
        places = json.loads(cli(gone, "config", "path", "--json").stdout)
        assert places["control_file"] == file and places["schema"] == 1
        ended = cli(gone, "config", "export", code=3)
        assert ended.stdout == "" and "routerone up" in ended.stderr
        gone.start()
    shown = cli(here, "config", "show").stdout
    assert "keepalive_after_ms\t15000" in shown and "keys\t1" in shown


if __name__ == "__main__":
    with contextlib.ExitStack() as kept:
        folder = pathlib.Path(kept.enter_context(tempfile.TemporaryDirectory()))
        here, there = kept.enter_context(Daemon()), kept.enter_context(Daemon())
        key = furnish(here)
        status = cases.run("config", cases.collect(globals()))
    sys.exit(status)
