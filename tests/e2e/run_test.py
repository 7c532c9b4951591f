#!/usr/bin/env python3
"""`routerone run` with the real programs: exit codes, signals, a key that dies with its run however that
ends, runs inside runs, resuming, receipts, a daemon that is restarted on the way, and a port that is
somebody else's."""
import contextlib
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import cases
import run_child
from daemon import Daemon, binary_dir
from provider import Provider

CHILD = [sys.executable, str(pathlib.Path(__file__).with_name("run_child.py"))]
PRICE = {"input": 100, "output": 400}
NOBODY = 65534
SOON = 10.0

world = None


class World:
    def __init__(self, stack):
        self.box = stack.enter_context(Provider(name="box", key="sk-box-1111111111111111"))
        self.daemon = stack.enter_context(Daemon())
        self.daemon.add_provider("box", self.box.base, "openai-chat", key=self.box.key)
        self.daemon.control("/models/price", {"model": run_child.MODEL, "price": json.dumps(PRICE)})
        self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="r1-run-")))
        self.names = 0

    def environment(self, **more):
        env = {name: value for name, value in os.environ.items() if not name.startswith("ROUTERONE_")}
        return {**env, "ROUTERONE_HOME": str(self.daemon.home), **more}

    def command(self, *words, child=()):
        return [str(binary_dir() / "routerone"), "run", *words, "--", *child]

    def run(self, *words, child, **more):
        return subprocess.run(self.command(*words, child=child), env=self.environment(), timeout=60,
                              capture_output=True, text=True, check=False, **more)

    def ask(self, *words, count=1):
        """The statuses that a child saw, and the receipt."""
        done = self.run(*words, "--json", child=[*CHILD, "ask", str(count)])
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), json.loads(done.stderr[done.stderr.index("{"):])

    @contextlib.contextmanager
    def held(self, *words, around=(), **more):
        """A run whose child waits; what the child was given, and the process of the command line."""
        self.names += 1
        file = self.folder / f"held-{self.names}"
        command = [*around, *self.command(*words, child=[*CHILD, "hold", str(file)])]
        process = subprocess.Popen(command, env=self.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more)
        given = None
        try:
            until(lambda: file.exists() or process.poll() is not None, "the child to run")
            assert file.exists(), process.stderr.read()
            given = json.loads(file.read_text())
            yield given, process, file.with_name(file.name + ".signals")
        finally:
            for pid in filter(None, [process.pid if process.poll() is None else 0,
                                     given["pid"] if given else 0]):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
            process.stderr.close()

    def status_of(self, given):
        """What a request with the child's key is answered."""
        return run_child.ask(given["OPENAI_BASE_URL"], given["OPENAI_API_KEY"])

    def key(self, name):
        return self.daemon.control("/keys/show", {"name": name})


def until(is_so, what, timeout=SOON):
    deadline = time.monotonic() + timeout
    while not is_so():
        assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
        time.sleep(0.02)


def heard(file):
    return json.loads(file.read_text()) if file.exists() else []


def usd(text):
    return round(float(text) * 1_000_000)


def test_exit_codes():
    """the child's own code is kept; what fails before has the codes of env and docker run"""
    script = world.folder / "plain-text"
    script.write_text("no program\n")
    for code, words, child in [
            (7, (), ["sh", "-c", "exit 7"]), (0, (), ["true"]),
            (143, (), ["sh", "-c", "kill -TERM $$"]), (137, (), ["sh", "-c", "kill -KILL $$"]),
            (127, (), ["there-is-no-such-program"]), (127, (), ["/nowhere/program"]),
            (126, (), [str(script)]), (126, (), ["/"]),
            (125, ("--project", "nowhere"), ["true"]), (125, ("--max-spend", "much"), ["true"]),
            (2, ("--no-such-option",), ["true"]), (2, (), [])]:
        done = world.run(*words, child=child)
        assert done.returncode == code, (code, words, child, done)


def test_streams():
    """stdin, stdout and stderr are the child's, and its words are its own"""
    done = world.run("--quiet", child=["sh", "-c", "cat; echo \"$2\" >&2; exit 3", "--", "--quiet", "a  b"],
                     input="in\n")
    assert (done.returncode, done.stdout, done.stderr) == (3, "in\n", "a  b\n"), done


def test_receipt():
    """a run's requests are traced under its name, and its receipt has their sums"""
    statuses, receipt = world.ask("--name", "first", "--max-spend", "5", count=3)
    assert statuses == [200, 200, 200], statuses
    rows = world.daemon.wait_traces(3, "key=first")
    assert receipt["name"] == "first" and receipt["requests"] == len(rows) == 3, receipt
    cost = sum(row["cost_picousd"] for row in rows)
    assert receipt["cost_picousd"] == cost == receipt["models"][0]["cost_picousd"], receipt
    assert receipt["output_tokens"] == sum(row["output_tokens"] for row in rows)
    assert usd(receipt["budget"]["left_usd"]) == 5_000_000 - round(cost / 1e6), receipt
    assert receipt["refusals"] == receipt["fallbacks"] == receipt["budget"]["running"] == 0
    shown = world.key("first")
    assert shown["kind"] == "run" and shown["state"] == "ended", shown
    assert "first" not in [key["name"] for key in world.daemon.control("/keys/list")]
    plain = world.run("--receipt", "receipt.json", child=[*CHILD, "ask", "1"], cwd=world.folder)
    assert "1 request" in plain.stderr and run_child.MODEL in plain.stderr, plain.stderr
    assert json.loads((world.folder / "receipt.json").read_text())["requests"] == 1


def test_names():
    """a run without a name is called after its program; a name is given once"""
    name = pathlib.Path(sys.executable).name
    first, second = (world.ask()[1]["name"] for _ in range(2))
    assert first.startswith(name + "-") and second.startswith(name + "-") and first != second
    for existing in (first, ):
        done = world.run("--name", existing, child=["true"])
        assert done.returncode == 125 and "--resume" in done.stderr, done


def test_used_up():
    """a budget holds, and the receipt counts what was refused"""
    statuses, receipt = world.ask("--name", "small", "--max-spend", "0.2", count=100)
    assert statuses[-1] == 402 and statuses[0] == 200, statuses
    assert receipt["refusals"] == 1 and usd(receipt["budget"]["spent_usd"]) <= 200_000, receipt


def test_resume():
    """a run that is resumed goes on with its limits and with what it has spent"""
    _, before = world.ask("--name", "again", "--max-spend", "0.2", count=100)
    statuses, after = world.ask("--resume", "again", count=100)
    assert statuses == [402], statuses
    assert after["requests"] == 1 and after["budget"]["spent_usd"] == before["budget"]["spent_usd"]
    world.daemon.restart()
    statuses, _ = world.ask("--resume", "again", count=100)
    assert statuses == [402], statuses
    statuses, more = world.ask("--resume", "again", "--max-spend", "0.4", count=100)
    assert len(statuses) > 1 and usd(more["budget"]["spent_usd"]) > 200_000, (statuses, more)
    assert more["id"] == before["id"]
    for name in ("never-run", "t"):
        done = world.run("--resume", name, child=["true"])
        assert done.returncode == 125 and "no run" in done.stderr, done


def test_signals():
    """what is sent to the command line alone reaches the child, once"""
    for sent in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        with world.held() as (_, process, signals):
            process.send_signal(sent)
            until(lambda: heard(signals), f"the child to hear of {sent.name}")
            process.send_signal(signal.SIGTERM)
            assert process.wait(SOON) == 5, process.returncode
            assert heard(signals) == [sent.name, "SIGTERM"], heard(signals)


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, command, **more):
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, world.environment(**more))
        self.seen = ""

    def type(self, text):
        os.write(self.end, text.encode())

    def read(self):
        """What it shows next; False once it has ended."""
        assert select.select([self.end], [], [], SOON)[0], f"nothing more came after {self.seen!r}"
        with contextlib.suppress(OSError):
            data = os.read(self.end, 4096)
            self.seen += data.decode()
            return bool(data)
        return False

    def wait_for(self, text):
        """All that was shown before it is forgotten."""
        while text not in self.seen:
            assert self.read(), f"it ended without {text!r}: {self.seen!r}"
        self.seen = self.seen.partition(text)[2]

    def code(self):
        while self.read():
            pass
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.end)
        return os.waitstatus_to_exitcode(status)


def test_keyboard():
    """^C at the terminal reaches the child once, and the command line waits for it"""
    terminal = Terminal(world.command(child=[
        "sh", "-c", "trap 'echo heard; count=$((count+1))' INT; echo ready; while [ -z \"$count\" ]; do "
        "sleep 1; done; sleep 1; exit $((count+8))"]))
    terminal.wait_for("ready")
    terminal.type("\x03")
    code = terminal.code()
    assert code == 9 and terminal.seen.count("heard") == 1 and "run sh-" in terminal.seen, \
        (code, terminal.seen)


def test_job_control():
    """^Z stops the whole job, and fg goes on with it"""
    flag = world.folder / "go-on"  # not a line of the terminal: what is stopped while it reads may yet take a key
    script = f"echo rea''dy; until test -e {flag}; do sleep 0.1; done; exit 6"
    words = " ".join(world.command(child=["sh", "-c", f'"{script}"']))
    terminal = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], PS1="$ ")
    terminal.type(words + "\n")
    terminal.wait_for("ready")
    terminal.type("\x1a")
    terminal.wait_for("Stopped")
    flag.touch()
    terminal.wait_for("$ ")
    terminal.type("fg\n")
    terminal.wait_for("run sh-")
    terminal.wait_for("$ ")
    terminal.type("echo co''de=$?\n")
    terminal.wait_for("code=6")
    os.kill(terminal.pid, signal.SIGKILL)
    os.waitpid(terminal.pid, 0)
    os.close(terminal.end)


def test_killed():
    """the key dies at once when the command line is killed, and what it left is taken away"""
    with world.held() as (given, process, _):
        assert world.status_of(given) == 200
        scratch = world.daemon.home / "run" / "runs" / given["ROUTERONE_RUN"]
        assert scratch.is_dir()
        process.kill()
        began = time.monotonic()
        until(lambda: world.status_of(given) == 401, "the key to die", timeout=3)
        assert time.monotonic() - began < 3
        until(lambda: not scratch.exists(), "the scratch folder to go")


def test_restart():
    """a run outlives a restart of the daemon, and a crash of it"""
    with world.held() as (given, process, _):
        for kill in (False, True):
            world.daemon.restart(kill=kill)
            assert world.status_of(given) == 200
            time.sleep(1)  # for the command line to attach again; else it is only the grace that ends it
        process.kill()
        process.wait()
        until(lambda: world.status_of(given) == 401, "the key to die", timeout=45)


def test_nested():
    """three deep, what the innermost spends counts in all, and the outermost's limit holds"""
    routerone = str(binary_dir() / "routerone")
    done = world.run("--name", "outer", "--max-spend", "0.2", "--json", child=[
        routerone, "run", "--quiet", "--name", "middle", "--", routerone, "run", "--quiet", "--name", "inner",
        "--max-spend", "50", "--", *CHILD, "ask", "100"])
    assert done.returncode == 0, done
    statuses = json.loads(done.stdout)
    receipt = json.loads(done.stderr[done.stderr.index("{"):])
    assert statuses[-1] == 402 and statuses[0] == 200, statuses
    rows = world.daemon.wait_traces(len(statuses), "key=inner")
    cost = sum(row["cost_picousd"] for row in rows)
    assert 0 < cost <= 200_000_000_000 and receipt["cost_picousd"] == cost, receipt
    shown = [world.key(name) for name in ("outer", "middle", "inner")]
    assert {usd(key["spent_usd"]) for key in shown} == {round(cost / 1e6)}, shown
    assert [key["inside"] for key in shown] == [None, "outer", "middle"]
    assert shown[2]["budget"]["left_usd"] <= shown[0]["budget"]["left_usd"], shown
    world.daemon.restart()
    assert [world.key(name)["budget"]["spent_usd"] for name in ("outer", "middle", "inner")] == \
        [key["budget"]["spent_usd"] for key in shown]


def test_outer_end():
    """the end of a run ends those inside it; one may do no more than those around it"""
    routerone = str(binary_dir() / "routerone")
    around = world.command("--name", "around", "--models", run_child.MODEL, child=[])
    with world.held("--name", "within", "--models", "*", around=around) as (given, process, _):
        assert world.status_of(given) == 200
        world.daemon.control("/keys/update", {"name": "around", "models": ["other/*"]})
        assert world.status_of(given) == 404
        world.daemon.control("/keys/update", {"name": "around", "models": ["*"]})
        assert world.status_of(given) == 200
        process.kill()
        until(lambda: world.status_of(given) == 401, "the inner key to die", timeout=3)
        until(lambda: world.key("within")["state"] == "ended", "the inner run to be told as ended")
        lost = subprocess.run([routerone, "run", "--", "true"], capture_output=True, text=True, check=False,
                              env=world.environment(ROUTERONE_RUN=given["ROUTERONE_RUN"]))
        assert lost.returncode == 125 and "ended" in lost.stderr, lost
        subprocess.run(["kill", "-9", str(given["parent"])], check=False)


SQUAT = """
import os, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
port, uid = int(sys.argv[1]), int(sys.argv[2])
pid = os.fork()
if pid == 0:
    os.setuid(uid)
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    listener.listen()
    os.write(1, b"listening\\n")
    while True:
        caller, _ = listener.accept()
        if not caller.recv(4096):
            continue
        body = b'{"answer":"0123456789abcdef0123456789abcdef"}'
        caller.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
        caller.close()
sys.stdin.readline()
done = subprocess.run(sys.argv[3:], check=False)
os.kill(pid, 9)
sys.exit(done.returncode)
"""


def squatted(uid):
    """A run while somebody else has our port: in a network of its own, where only the files are ours."""
    command = ["unshare", "--net", sys.executable, "-c", SQUAT, str(world.daemon.port), str(uid),
               *world.command(child=["sh", "-c", "echo started"])]
    process = subprocess.Popen(command, env=world.environment(), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "listening\n", process.stderr.read()
        out, err = process.communicate("go\n", timeout=30)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out, err


def test_squatter():
    """no key goes to a port that another user has, nor to one that does not know the answer"""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
        raise cases.Skipped("only root can give a port to another user, in a network of its own")
    for uid, word in ((NOBODY, f"user {NOBODY}"), (0, "does not know")):
        code, out, err = squatted(uid)
        assert code == 4 and out == "" and word in err, (uid, code, out, err)


def test_starts_daemon():
    """a daemon that is not running is started"""
    home = tempfile.mkdtemp(prefix="r1-")
    env = {**world.environment(), "ROUTERONE_HOME": home, "ROUTERONE_LISTEN": "127.0.0.1:0"}
    routerone = str(binary_dir() / "routerone")
    try:
        done = subprocess.run([routerone, "run", "--", "sh", "-c", "exit 4"], env=env, timeout=60,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 4 and "0 requests" in done.stderr, done
        status = subprocess.run([routerone, "status"], env=env, timeout=60, capture_output=True, check=False)
        assert status.returncode == 0, status
    finally:
        subprocess.run([routerone, "down"], env=env, timeout=60, capture_output=True, check=False)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    with contextlib.ExitStack() as stack:
        world = World(stack)
        chosen = [case for case in cases.collect(globals())
                  if not sys.argv[1:] or any(word in case.__name__ for word in sys.argv[1:])]
        sys.exit(cases.run("run", chosen))
