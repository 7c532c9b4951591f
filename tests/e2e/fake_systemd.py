"""A systemd of a user's, as far as `routerone up` needs it: reads units as they are written to disk,
opens the sockets, starts the service with them, waits for READY=1, ends it by SIGTERM, starts it again when
somebody connects. In `bin` of the home it puts a `systemctl` that talks to it. It is no systemd: it shows
that both sides speak the protocol; that a real manager takes the units is seen by one (real_systemd.py)."""
import contextlib
import json
import os
import pathlib
import select
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time

SCRIPT = """#!{python}
import json, os, socket, sys
to = socket.socket(socket.AF_UNIX)
to.connect(os.path.join(os.environ["XDG_RUNTIME_DIR"], "systemd", "private"))
to.sendall(json.dumps(sys.argv[1:]).encode())
to.shutdown(socket.SHUT_WR)
said = b"".join(iter(lambda: to.recv(65536), b""))
answer = json.loads(said)
sys.stdout.write(answer["output"])
sys.exit(answer["code"])
"""
READY_WITHIN = 60.0


class FakeSystemd:
    def __init__(self, home, environment):
        self.home = pathlib.Path(home)
        self.environment = environment
        self.runtime = pathlib.Path(environment["XDG_RUNTIME_DIR"])
        self.units = self.home / ".config" / "systemd" / "user"
        self.listening, self.process, self.said, self.calls = [], None, [], []
        self.loaded = False
        self.lock = threading.RLock()
        self.stopped = threading.Event()

    def __enter__(self):
        script = self.home / "bin" / "systemctl"
        script.write_text(SCRIPT.format(python=sys.executable))
        script.chmod(0o755)
        (self.runtime / "systemd").mkdir(parents=True, exist_ok=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(self.runtime / "systemd" / "private"))
        self.server.listen(64)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify_path = str(self.runtime / "systemd" / "notify")
        self.notify.bind(self.notify_path)
        threading.Thread(target=self.serve, daemon=True).start()
        threading.Thread(target=self.hear, daemon=True).start()
        threading.Thread(target=self.activate, daemon=True).start()
        return self

    def main_pid(self):
        """0: none runs."""
        return self.process.pid if self.runs() else 0

    def listens(self):
        return bool(self.listening)

    def __exit__(self, *_):
        self.stopped.set()
        with self.lock:
            self.stop_service()
            self.close_sockets()
        (self.runtime / "systemd" / "private").unlink()
        self.server.shutdown(socket.SHUT_RDWR)

    # -- the calls

    def serve(self):
        while not self.stopped.is_set():
            try:
                caller, _ = self.server.accept()
            except OSError:
                return  # it is over
            threading.Thread(target=self.answer, args=(caller,), daemon=True).start()

    def answer(self, caller):
        with caller:
            asked = b"".join(iter(lambda: caller.recv(65536), b""))
            if not asked:
                return  # somebody looks whether we are here
            words = [word for word in json.loads(asked) if not word.startswith("--")]
            try:
                code, output = self.call(words)
            except Exception as trouble:  # as the real one: one line and 1
                code, output = 1, f"Job failed: {trouble}\n"
            with contextlib.suppress(OSError):
                caller.sendall(json.dumps({"code": code, "output": output}).encode())

    def call(self, words):
        with self.lock:
            self.calls.append(" ".join(words))
            verb, units = words[0], words[1:]
            if verb == "show-environment":
                return 0, "".join(f"{k}={v}\n" for k, v in self.environment.items())
            if verb == "show":
                return 0, self.show()
            if verb == "is-active":
                active = bool(self.listening) if units[0].endswith("socket") else self.runs()
                return (0, "active\n") if active else (3, "inactive\n")
            if verb == "daemon-reload":
                self.loaded = (self.units / "routeroned.service").exists()
            elif verb == "stop":
                self.stop_service()
                if "routeroned.socket" in units:
                    self.close_sockets()
            elif verb == "start":
                self.start()
            elif verb == "restart":
                self.stop_service()
                self.start_service()
            return 0, ""

    def show(self):
        if not self.loaded:
            return "LoadState=not-found\nFragmentPath=\n"
        program = self.command()[0]
        return (f"LoadState=loaded\nFragmentPath={self.units / 'routeroned.service'}\n"
                f"ExecStart={{ path={program} ; argv[]={program} ; ignore_errors=no }}\n")

    # -- the units

    def read(self, name):
        """The values of a unit file and of what is laid over it; an empty one forgets those before it."""
        values = {}
        for file in [self.units / name, *sorted((self.units / f"{name}.d").glob("*.conf"))]:
            for line in file.read_text().splitlines():
                if "=" in line and not line.startswith("#"):
                    key, value = line.split("=", 1)
                    values[key] = values.get(key, []) + [value] if value else []
        return values

    def command(self):
        return shlex.split(self.read("routeroned.service")["ExecStart"][-1])

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        if not self.listening:
            for address in self.read("routeroned.socket")["ListenStream"]:
                host, port = address.rsplit(":", 1)
                family = socket.AF_INET6 if "[" in host else socket.AF_INET
                one = socket.socket(family)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind((host.strip("[]"), int(port)))
                one.listen(4096)
                self.listening.append(one)
        if not self.runs():
            self.start_service()

    def start_service(self):
        self.said.clear()
        count = len(self.listening)
        passed = [one.fileno() for one in self.listening]
        env = {**self.environment, "NOTIFY_SOCKET": self.notify_path, "LISTEN_FDS": str(count)}
        env["WATCHDOG_USEC"] = str(self.watchdog_usec())

        def place():
            high = [os.dup2(fd, 500 + i) for i, fd in enumerate(passed)]
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i)

        line = ("LISTEN_PID=$$ WATCHDOG_PID=$$ SYSTEMD_EXEC_PID=$$; "
                "export LISTEN_PID WATCHDOG_PID SYSTEMD_EXEC_PID; exec \"$@\"")
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", line, "sh", *self.command()], env=env, preexec_fn=place,
            close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_WITHIN
        while not any("READY=1" in text for text in list(self.said)):
            if self.process.poll() is not None:
                raise RuntimeError(f"routeroned.service ended with {self.process.returncode}")
            if time.monotonic() > deadline:
                raise RuntimeError("routeroned.service is not ready")
            time.sleep(0.005)

    def watchdog_usec(self):
        return int(self.read("routeroned.service")["WatchdogSec"][-1]) * 1_000_000

    def stop_service(self):
        if self.runs():
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(40)

    def close_sockets(self):
        for one in self.listening:
            one.close()
        self.listening = []

    # -- what it hears

    def hear(self):
        while not self.stopped.is_set():
            self.said.append(self.notify.recv(4096).decode())

    def activate(self):
        """Whoever connects while no daemon runs starts one."""
        while not self.stopped.is_set():
            with self.lock:
                sockets = [] if self.runs() else list(self.listening)
            if not sockets:
                time.sleep(0.01)
                continue
            with contextlib.suppress(OSError, ValueError, RuntimeError):
                if select.select(sockets, [], [], 0.01)[0]:
                    with self.lock:
                        if self.listening and not self.runs():
                            self.start_service()
