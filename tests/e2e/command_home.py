"""A home of its own for the command line, and what tests of the daemon's life ask there."""
import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import tempfile
import time

from daemon import binary_dir

PATIENCE = 60.0


def until(is_so, what):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


class Home:
    """A home of its own, and the command line in it. No service manager is found there."""

    def __init__(self, stack):
        self.path = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="r1-")))
        self.state, self.run_dir = self.path / "state", self.path / "run"
        keep = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "HOME")}
        self.env = {**keep, "ROUTERONE_HOME": str(self.path)}
        stack.callback(self.end)

    def command(self, *words):
        return [str(binary_dir() / "routerone"), *words]

    def cli(self, *words, code=0):
        done = subprocess.run(self.command(*words), env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        assert code is None or done.returncode == code, (words, done)
        return done

    def up(self, port=0):
        self.cli("up", "--listen", f"127.0.0.1:{port}")
        return self.status()

    def status(self):
        return json.loads(self.cli("status", "--json").stdout)

    @property
    def log(self):
        return self.state / "routeroned.log"

    def end(self):
        self.cli("down", code=None)


@contextlib.contextmanager
def home():
    with contextlib.ExitStack() as stack:
        yield Home(stack)


def port_of(status):
    return int(status["listening"][0].rsplit(":", 1)[1])


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


def chat(port, key, model="sandbox/echo", text="hello", stream=False, timeout=PATIENCE):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    connection.request("POST", "/v1/chat/completions", json.dumps(
        {"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}),
        {"Content-Type": "application/json", "Authorization": f"Bearer {key}"})
    return connection, connection.getresponse()


def ask(port, key):
    connection, answer = chat(port, key)
    answer.read()
    connection.close()
    return answer.status
