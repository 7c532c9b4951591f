#!/usr/bin/env python3
"""What a user types to steer routes, and what becomes of requests: one daemon, the real command line,
and two providers: one cheap and slow, one dear and quick."""
import contextlib
import fcntl
import http.client
import json
import os
import pty
import struct
import subprocess
import sys
import termios

import cases
from daemon import Daemon, binary_dir
from provider import Provider

SLOW, QUICK = "slowbox/think", "quickbox/ok"
ENOUGH = 4  # Requests that tell how quick a target is.


class Stage:
    def __init__(self, daemon, key):
        self.daemon, self.key = daemon, key

    def start(self, *words, **streams):
        env = {**os.environ, "ROUTERONE_HOME": str(self.daemon.home)}
        return subprocess.Popen([binary_dir() / "routerone", *words], env=env, **{
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
            "text": True, **streams})

    def cli(self, *words, code=0):
        process = self.start(*words)
        out, err = process.communicate(timeout=30)
        assert process.returncode == code, (words, process.returncode, out, err)
        return out if code == 0 else err

    def json(self, *words):
        return json.loads(self.cli(*words, "--json"))

    def on_terminal(self, columns, *words):
        """What a terminal of that width is shown."""
        parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = self.start(*words, stdout=child, stderr=subprocess.DEVNULL)
        os.close(child)
        shown = b""
        with contextlib.suppress(OSError):  # its end
            while part := os.read(parent, 4096):
                shown += part
        os.close(parent)
        assert process.wait(30) == 0
        return shown.decode().replace("\r\n", "\n")

    def ask(self, model, **headers):
        """The status, the provider that served, the route, and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(
                "POST", "/v1/chat/completions",
                json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}]}),
                {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
                 **{name.replace("_", "-"): value for name, value in headers.items()}})
            answer = connection.getresponse()
            return (answer.status, answer.getheader("x-routerone-provider"),
                    answer.getheader("x-routerone-route"), answer.read().decode())

    def served_by(self, model, **headers):
        status, provider, _, body = self.ask(model, **headers)
        assert status == 200, (status, body)
        return provider


@contextlib.contextmanager
def stage():
    with Provider(name="slow") as slow, Provider(name="quick") as quick, Daemon() as daemon:
        daemon.add_provider("slowbox", slow.base, "openai-chat")
        daemon.add_provider("quickbox", quick.base, "openai-chat")
        made = Stage(daemon, daemon.create_key())
        made.cli("models", "price", SLOW, "--input", "0.1", "--output", "0.1")
        made.cli("models", "price", QUICK, "--input", "50", "--output", "50")
        yield made
        for provider in (slow, quick):
            provider.check()
            for record in provider.records:
                assert record.header("x-routerone-weights") is None, record.view()


def measure(made):
    for model in (SLOW, QUICK):
        for _ in range(ENOUGH):
            made.ask(model)


def first_of(explained):
    return explained["candidates"][0]["target"]


def test_settings():
    """weights of all, of a project and of a key are set, shown and taken back"""
    with stage() as made:
        assert "weights\tall\tlatency=1 cost=1 quality=1\n" in made.cli("routes", "show")
        assert made.cli("routes", "set", "latency=.5", "cost=.3", "quality=.2") == (
            "weights\tall\tlatency=0.5 cost=0.3 quality=0.2\nfailover switches\tall\t2\n"
            "first byte within\tall\t30s to 290s\n")
        made.cli("projects", "create", "web")
        made.cli("routes", "set", "--project", "web", "fast", "--failover-switches", "1")
        made.cli("routes", "set", "--key", "t", "cost=9")
        made.cli("models", "quality", QUICK, "0.9")
        shown = made.cli("routes", "show")
        for line in ("weights\tproject web\tlatency=8 cost=1 quality=1\n",
                     "failover switches\tproject web\t1\n",
                     "weights\tkey t\tlatency=0.5 cost=9 quality=0.2\n",
                     f"quality\t{QUICK}\t0.9\n"):
            assert line in shown, shown
        assert made.json("models", "show", QUICK)["quality_source"] == "user"
        made.daemon.restart()
        assert made.cli("routes", "show") == shown
        made.cli("routes", "set", "--key", "t", "none")
        made.cli("routes", "set", "--project", "web", "none", "--failover-switches", "none")
        made.cli("routes", "set", "none")
        shown = made.cli("routes", "show")
        assert "key t" not in shown and "project web" not in shown, shown
        assert "weights\tall\tlatency=1 cost=1 quality=1\n" in shown


def test_slips():
    """a slip is refused with what it was and what there is, and changes nothing"""
    with stage() as made:
        before = made.cli("routes", "show")
        for words, said in ((("latncy=1",), "did you mean latency?"),
                            (("chaep",), "did you mean cheap?"),
                            (("cost=much",), "a number from 0 to 1000000"),
                            ((), "nothing was said"),
                            (("--failover-switches", "99"), "from 0 to 16"),
                            (("--first-byte-floor", "1"), "30s")):
            assert said in made.cli("routes", "set", *words, code=2), words
        assert "no project" in made.cli("routes", "set", "--project", "wbe", "fast", code=5)
        assert "coding MODEL,.." in made.cli("routes", "candidates", "coding", code=5)
        assert made.cli("routes", "show") == before


def test_auto():
    """auto and auto:NAME serve from their lists; an unknown list is a 404 that says how to make it"""
    with stage() as made:
        status, _, _, body = made.ask("auto")
        assert status == 404 and "routerone routes candidates auto MODEL" in body, (status, body)
        made.cli("routes", "candidates", "auto", f"{SLOW},{QUICK}")
        made.cli("routes", "candidates", "coding", QUICK)
        status, provider, route, body = made.ask("auto")
        assert (status, route) == (200, "auto") and provider in ("slowbox", "quickbox"), body
        assert made.served_by("auto:coding") == "quickbox"
        status, _, _, body = made.ask("auto:codign")
        assert status == 404 and "routes candidates codign" in body and "auto:coding" in body, body
        assert made.cli("routes", "candidates", "coding") == f"{QUICK}\n"
        made.cli("routes", "candidates", "coding", "--clear")
        assert made.ask("auto:coding")[0] == 404


def test_weights():
    """a request goes to the cheaper provider under cheap and to the quicker one under fast, at once"""
    with stage() as made:
        made.cli("routes", "candidates", "auto", f"{SLOW},{QUICK}")
        measure(made)
        for weights, provider, target in (("cheap", "slowbox", SLOW), ("fast", "quickbox", QUICK)):
            made.cli("routes", "set", weights)
            assert first_of(made.json("routes", "explain", "auto")) == target
            assert [made.served_by("auto") for _ in range(3)] == [provider] * 3
        assert made.served_by("auto", x_routerone_weights="cheap") == "slowbox"
        assert made.served_by("auto", x_routerone_weights="latency=0,cost=1,quality=0") == "slowbox"
        made.cli("routes", "set", "--key", "t", "cheap")
        assert made.served_by("auto") == "slowbox"
        assert made.served_by("auto", x_routerone_weights="fast") == "quickbox"
        status, _, _, body = made.ask("auto", x_routerone_weights="latncy=1")
        assert status == 400 and "latncy" in body, (status, body)


def test_explain():
    """explain says who would serve and by what figures, on a wide terminal, a narrow one and as JSON"""
    with stage() as made:
        made.cli("routes", "candidates", "auto", f"{SLOW},{QUICK}")
        measure(made)
        for weights, target in (("cheap", SLOW), ("fast", QUICK)):
            explained = made.json("routes", "explain", "auto", "--weights", weights,
                                  "--tokens", "1000,1000")
            assert first_of(explained) == target, explained
        by_target = {one["target"]: one for one in explained["candidates"]}
        assert by_target[SLOW]["latency_ms"] > 400 > by_target[QUICK]["latency_ms"], explained
        assert 0 < by_target[SLOW]["cost"] < by_target[QUICK]["cost"], explained
        assert by_target[QUICK]["terms"]["latency"] == 1 == by_target[SLOW]["terms"]["cost"]
        for width in (120, 44):
            shown = made.on_terminal(width, "routes", "explain", "auto", "--weights", "fast",
                                     "--color", "never")
            assert shown.index(QUICK) < shown.index(SLOW), shown
            assert max(len(line) for line in shown.splitlines()) <= width, shown
        made.cli("keys", "create", "narrow", "--providers", "slowbox")
        shown = made.cli("routes", "explain", "auto", "--key", "narrow")
        assert SLOW in shown and f"{QUICK}\tquickbox\t" in shown, shown
        assert "routes candidates nosuch" in made.cli("routes", "explain", "auto:nosuch", code=5)
        assert first_of(made.json("routes", "explain", "sandbox/echo")) == "sandbox/echo"


if __name__ == "__main__":
    sys.exit(cases.run("routes", cases.collect(globals())))
