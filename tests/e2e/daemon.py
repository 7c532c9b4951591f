"""A real daemon for tests: its own home, its own port, driven through its control socket."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from ports import unused_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRACT = "1"
READY_WITHIN = 60.0
GONE_WITHIN = 35.0  # a drain takes at most 30 s
DEFAULT_KEY = "sk-upstream-0123456789abcdef"


def use_loopback_directly():
    """Test clients must not be sent through a proxy of the machine they run on."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,::1"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)


use_loopback_directly()


def binary_dir():
    return pathlib.Path(os.environ.get("ROUTERONE_BIN", ROOT / "build" / "debug" / "bin")).resolve()


class ControlError(Exception):
    """The daemon's refusal of a control call."""

    def __init__(self, status, kind, message, hint):
        super().__init__(f"{kind}: {message}" + (f" (hint: {hint})" if hint else ""))
        self.status, self.kind, self.message, self.hint = status, kind, message, hint


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """`with Daemon() as daemon:` runs one until the block ends. `home` is removed then, unless it
    was given or `keep` is set. `options` are further words of the command line."""

    def __init__(self, options=(), home=None, env=None, port=0, keep=False):
        self.options, self.extra_env, self.keep = list(options), dict(env or {}), keep
        self.own_home = home is None
        # Short, because a Unix socket's path is at most 107 bytes.
        self.home = pathlib.Path(home or tempfile.mkdtemp(prefix="r1-"))
        self.home.mkdir(parents=True, exist_ok=True)
        self.port, self.process, self.base = port or unused_port(), None, None

    # -- life

    def __enter__(self):
        return self.start()

    def __exit__(self, kind=None, *_):
        try:
            code = self.terminate()
            if kind is None and (code or self.complaints()):
                raise RuntimeError(f"routeroned ended with {code}:\n{self.stderr()[-8000:]}")
        finally:
            if self.own_home and not self.keep:
                shutil.rmtree(self.home, ignore_errors=True)

    def start(self, wait=True):
        env = {name: value for name, value in os.environ.items() if not name.startswith("ROUTERONE_")}
        env.update(ROUTERONE_HOME=str(self.home), **self.extra_env)
        command = [binary_dir() / "routeroned", "--listen", f"127.0.0.1:{self.port}", *self.options]
        with open(self.stdout_file, "ab") as out, open(self.stderr_file, "ab") as err:
            self.process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        return self.wait_ready() if wait else self

    def wait_ready(self):
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"routeroned ended with {self.process.returncode}:\n{self.stderr()}")
            try:
                status = self.control("/daemon/status")
                if status["pid"] == self.process.pid:
                    self.port = int(status["listening"][0].rsplit(":", 1)[1])
                    self.base = f"http://127.0.0.1:{self.port}"
                    return self
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.005)
        raise RuntimeError(f"routeroned is not ready after {READY_WITHIN} s:\n{self.stderr()}")

    def terminate(self):
        """Asks it to end, and returns its exit status; what does not end is killed and is an error."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(GONE_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError("routeroned did not end on SIGTERM") from None
        self.process = None
        return code

    def kill(self):
        """What a power cut would leave, as far as the process goes."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self, kill=False):
        """Ends it and starts it again on the same port and home."""
        self.kill() if kill else self.terminate()
        return self.start()

    @property
    def pid(self):
        return self.process.pid if self.process else None

    # -- what it left

    @property
    def stdout_file(self):
        return self.home / "stdout"

    @property
    def stderr_file(self):
        return self.home / "stderr"

    def stderr(self):
        return self.stderr_file.read_text(errors="replace")

    def complaints(self):
        """What a sanitizer found, also where the daemon went on after it."""
        return [line for line in self.stderr().splitlines()
                if "runtime error:" in line or "Sanitizer:" in line]

    @property
    def control_socket(self):
        return self.home / "run" / "control.sock"

    @property
    def database(self):
        return self.home / "state" / "routerone.db"

    # -- control calls

    def control(self, path, body=None, timeout=30.0):
        connection = UnixConnection(self.control_socket, timeout)
        try:
            connection.request("POST", path, json.dumps(body or {}), {
                "Content-Type": "application/json", "Routerone-Contract": CONTRACT})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        result = json.loads(text)
        if answer.status != 200:
            error = result.get("error", {})
            raise ControlError(answer.status, error.get("kind"), error.get("message"), error.get("hint"))
        return result

    def add_provider(self, provider_id, base_url, dialect, auth="bearer", key=DEFAULT_KEY,
                     priority=None, **more):
        """`more`: other fields of the wish; `headers` and `variables` may be dicts."""
        wish = {"id": provider_id, "base_url": base_url, "dialect": dialect, "auth": auth, **more}
        for name in ("headers", "variables"):
            if isinstance(wish.get(name), dict):
                wish[name] = [[k, v] for k, v in wish[name].items()]
        if auth != "none" and key is not None:
            wish["key"] = key
        if priority is not None:
            wish["priority"] = priority
        return self.control("/providers/add", wish)

    def create_key(self, name="t", **wish):
        """The text of a new routerone key."""
        return self.control("/keys/create", {"name": name, **wish})["key"]

    def traces(self, *terms, limit=1000):
        """Newest first."""
        return self.control("/traces/list", {"terms": list(terms), "limit": limit})

    def wait_traces(self, count, *terms, timeout=10.0):
        """The traces once there are at least `count`: a row is committed ~100 ms after its answer."""
        deadline = time.monotonic() + timeout
        while True:
            found = self.traces(*terms)
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} traces instead of {count} after {timeout} s")
            time.sleep(0.02)
