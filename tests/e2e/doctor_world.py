"""A home as a user's who has set everything up, and `routerone doctor` in it."""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading

from daemon import Daemon, UnixConnection, binary_dir
from raw_caller import Caller
from tcp_provider import TcpProvider, json_answer, whole_body

PROVIDER_KEY = "sk-box-canary-1111111111"
PRICE = {"input": 1_000_000, "output": 1_000_000}  # a dollar a token
# The catalog grows old where it is not built anew; the machine of a test may have no room to spare.
PASSING = {"catalog-age", "disk-space"}
COST = "5.000000"                                   # of an answer: three tokens in, two out


def play(connection):
    """What a model of the provider does is in its name."""
    while request := connection.read_request():
        model = json.loads(request.partition(b"\r\n\r\n")[2])["model"]
        if model == "silent":
            connection.wait_closed(60)
            return
        if model == "refused":
            connection.send(json_answer(b'{"error":{"message":"no such key"}}', 401))
            continue
        answer = json.loads(whole_body("openai-chat"))
        if model == "greedy":
            answer["usage"] = {"prompt_tokens": 3, "completion_tokens": 100_000}
        connection.send(json_answer(json.dumps(answer).encode()))


class Rewriter(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Stands before the daemon's control socket and puts other words into its mouth: `changes` are the
    paths of calls and what is done to their answers. For what no daemon of this version can be made to
    say."""
    daemon_threads = True

    def __init__(self, daemon, changes):
        self.place, self.real, self.changes = daemon.control_socket, daemon.home / "run" / "real.sock", changes
        self.place.rename(self.real)
        super().__init__(str(self.place), Rewrite)
        self.place.chmod(0o600)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self.place.unlink()
        self.real.rename(self.place)


class Rewrite(socketserver.StreamRequestHandler):
    def handle(self):
        path = self.rfile.readline().split()[1].decode()
        fields = {}
        while line := self.rfile.readline().strip():
            name, _, value = line.decode().partition(":")
            fields[name.lower()] = value.strip()
        body = self.rfile.read(int(fields["content-length"]))
        far = UnixConnection(self.server.real, 20)
        far.request("POST", path, body, {"Content-Type": "application/json", "Routerone-Contract": "1"})
        answer = far.getresponse()
        said = json.loads(answer.read())
        if path in self.server.changes:
            self.server.changes[path](said)
        text = json.dumps(said).encode()
        self.wfile.write(f"HTTP/1.1 {answer.status} X\r\nRouterone-Contract: 1\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode() + text)
        far.close()


class World:
    """One provider here, one far away that nobody asks, a key, a tool that is set up, a row."""

    def __init__(self, stack):
        self.provider = stack.enter_context(TcpProvider(play))
        self.user = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="r1-home-")))
        self.daemon = stack.enter_context(Daemon())
        self.said = ""  # all that doctor ever printed
        self.key_file = self.user / "far.key"
        self.write_key_file(b"sk-far-canary-2222222222\n")
        # The programs stand in a folder of their own, so that one of them can be another.
        self.programs = self.user / "bin"
        self.programs.mkdir()
        for name in ("routerone", "routeroned"):
            self.install(binary_dir() / name, self.programs / name)
        self.furnish()

    @staticmethod
    def install(program, place):
        try:
            os.link(program, place)
        except OSError:  # another file system
            shutil.copy(program, place)

    def write_key_file(self, content):
        self.key_file.write_bytes(content)
        self.key_file.chmod(0o600)

    def furnish(self):
        daemon = self.daemon
        daemon.add_provider("box", self.provider.base, "openai-chat", key=PROVIDER_KEY)
        daemon.add_provider("far", "https://far.example/v1", "openai-chat", key=None,
                            key_from=f"file:{self.key_file}")
        for model in ("m", "greedy", "silent", "refused"):
            daemon.control("/models/price", {"model": f"box/{model}", "price": json.dumps(PRICE)})
        self.key = daemon.create_key("ci")
        self.run("setup", "codex", "--model", "box/m", "--yes")
        assert self.ask("m") == 200
        daemon.wait_traces(1)

    def environment(self, **more):
        """A program's, with nothing of the machine's that a check would look at."""
        return {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(self.user), "LANG": "C.UTF-8",
                "ROUTERONE_HOME": str(self.daemon.home), **more}

    def run(self, *words, code=0, **more):
        done = subprocess.run([self.programs / "routerone", *words], env=self.environment(**more),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == code, (words, done)
        return done

    def doctor(self, *words, **more):
        """What it says of each check, by id; the exit code must fit."""
        done = subprocess.run([self.programs / "routerone", "doctor", "--json", *words], check=False,
                              env=self.environment(**more), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=100)
        self.said += done.stdout + done.stderr
        assert done.stdout, done
        checks = {check["id"]: check for check in json.loads(done.stdout)}
        failed = any(check["status"] == "failed" for check in checks.values())
        assert done.returncode == (1 if failed else 0), done
        return checks

    def complaints(self, *words, **more):
        return {name: f"{check['evidence']} / {check['mend']}"
                for name, check in self.doctor(*words, **more).items() if check["status"] in ("warning", "failed")}

    def expect(self, wanted, *words, **more):
        """Just these checks complain."""
        found = self.complaints(*words, **more)
        assert set(found) - PASSING == set(wanted.split()) - PASSING, found
        return found

    def fix(self, wanted, **more):
        """--fix mends just these, and nothing is complained of any more."""
        checks = self.doctor("--fix", **more)
        assert {name for name, check in checks.items() if check["fixed"]} == set(wanted.split()), checks
        left = {name: check for name, check in checks.items() if check["status"] in ("warning", "failed")}
        assert not set(left) - PASSING, left

    def ask(self, model, key=None):
        caller = Caller(self.daemon, key or self.key)
        body = {"model": f"box/{model}", "max_tokens": 2, "messages": [{"role": "user", "content": "x"}]}
        caller.send("openai-chat", json.dumps(body).encode())
        answer = caller.read()
        caller.close()
        return answer.status

    @contextlib.contextmanager
    def other_words(self, **changes):
        """`status=f, checkup=g`: see Rewriter."""
        with Rewriter(self.daemon, {f"/daemon/{name}": change for name, change in changes.items()}):
            yield

    @contextlib.contextmanager
    def replaced(self, file, content):
        """A file of the state folder with other bytes, for as long as the block lasts; None: it is gone."""
        place = self.daemon.home / "state" / file
        before = place.read_bytes() if place.exists() else None
        self.put(place, content)
        try:
            yield place
        finally:
            self.put(place, before)

    @staticmethod
    def put(place, content):
        if content is None:
            place.unlink(missing_ok=True)
            return
        new = place.with_name(place.name + ".new")
        new.write_bytes(content)
        new.chmod(0o600)
        new.rename(place)


@contextlib.contextmanager
def listener(host, port=0):
    """Somebody else's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(8)
        yield made.getsockname()[1]
