"""A home in which example lines are typed, with what they name in it, and how one is typed.

What would ask gets --yes, and is shown to fail without; what goes on until Ctrl-C gets one. Programs
that a line starts (claude, codex) are stand-ins."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request

from daemon import ROOT, Daemon, binary_dir
from ports import unused_port
from provider import Provider
from schema import breaches

TRACE = "01a1fc7e-a805"  # stands for the id of a trace in examples
SECONDS = 60


class Stage:
    """A home with a daemon that the command line started, and something of each kind in it."""
    shell = "sh"

    def __init__(self, stack):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="r1x-"))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.box = stack.enter_context(Provider(name="mybox", key="sk-box-1111111111111111"))
        self.daemon = Daemon(home=self.folder / "r1")  # only for its control calls
        programs, user = self.folder / "bin", self.folder / "user"
        programs.mkdir(), user.mkdir()
        for name in ("claude", "codex", "CMD"):
            (programs / name).write_text("#!/bin/sh\nexit 0\n")
            (programs / name).chmod(0o755)
        kept = {name: value for name, value in os.environ.items()
                if name in ("LANG", "LC_ALL", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
        self.env = {**kept, "PATH": f"{binary_dir()}:{programs}:/usr/bin:/bin", "HOME": str(user),
                    "ROUTERONE_HOME": str(self.folder / "r1"),
                    "ROUTERONE_LISTEN": f"127.0.0.1:{unused_port()}",
                    "OPENAI_API_KEY": self.box.key, "WORK_KEY": "sk-box-2222222222222222",
                    "SPARE_KEY": "sk-box-4444444444444444"}
        (self.folder / "openrouter.key").write_text("sk-or-3333333333333333\n")
        (self.folder / "openrouter.key").chmod(0o600)
        (self.folder / "catalog.json").write_text(next((ROOT / "common/catalog").glob("**/catalog.json")).read_text())
        self.map = json.loads(self.run("routerone --map --json").stdout)
        stack.callback(self.run, f"{binary_dir()}/routerone down")

    def run(self, line, check=True):
        done = subprocess.run([self.shell, "-c", line], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS)
        if check and done.returncode:
            raise AssertionError(f"{line}\nends with {done.returncode}\n{done.stdout[-500:]}{done.stderr[-1500:]}")
        return done

    def as_typed(self, line):
        """With the trace that is there, and a port that is free."""
        line = re.sub(r"(--(?:listen|metrics) \S*?)\d+(?= |$)", lambda found: f"{found[1]}{unused_port()}", line)
        return line.replace(TRACE, self.trace) if TRACE in line else line

    def have(self, path, wish):
        with contextlib.suppress(Exception):  # it is there already, or nothing is there to go
            self.daemon.control(path, wish)

    def furnish(self, line):
        """What the line names is there, and what it makes is not."""
        self.run("routerone up --quiet")
        for copy in self.folder.glob("*.db"):
            copy.unlink()
        made = re.search(r"(keys|projects|providers) (?:create|add) (\w+)", line)
        for name in ("ci", "laptop", "claude"):
            self.have("/keys/create", {"name": name})
        for project in ("web",):
            self.have("/projects/create", {"name": project})
        for provider in ("mybox", "openai"):
            self.have("/providers/add", {"id": provider, "base_url": self.box.base, "auth": "bearer",
                                         "dialect": "openai-chat", "key": self.box.key,
                                         "key_from": "env:OPENAI_API_KEY"})
        if "providers keys" in line:
            self.run("routerone providers keys remove mybox work --yes", check=False)
            self.run("routerone providers keys add mybox spare --key-from env:SPARE_KEY", check=False)
        self.have("/models/price", {"model": "mybox/ok", "price": json.dumps({"input": 2, "output": 10})})
        self.have("/models/alias", {"name": "small", "model": "mybox/ok"})
        for name in ("auto", "coding"):
            self.have("/routes/candidates", {"name": name, "models": ["mybox/ok"]})
        if made:
            self.have(f"/{made[1]}/{'revoke' if made[1] == 'keys' else 'remove'}", {"name": made[2]})
        if "projects remove" in line:
            self.have("/keys/revoke", {"name": "guest"})
        if line.startswith("routerone up --"):
            self.run("routerone down")

    def make_trace(self):
        self.furnish("")
        key = self.daemon.create_key("asks")
        status = self.daemon.control("/daemon/status")
        request = urllib.request.Request(
            f"http://{status['listening'][0]}/v1/chat/completions",
            json.dumps({"model": "mybox/ok", "messages": [{"role": "user", "content": "hi"}]}).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=SECONDS).read()
        self.trace = self.daemon.wait_traces(1)[0]["id"]
        (self.folder / "costs.csv").write_text(f"id,cost\n{self.trace},0.001\n")

    def until_interrupted(self, line):
        child = subprocess.Popen([self.shell, "-c", "exec " + line], cwd=self.folder, env=self.env,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            child.wait(1.0)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT)
        told = child.communicate(timeout=SECONDS)[0].decode()
        assert child.returncode in (0, 130, -signal.SIGINT), f"{line}: {child.returncode}\n{told}"


def type_in(stage, command, line, code):
    """Types a line that is to end with `code`; None, or what went wrong."""
    try:
        stage.furnish(line)
        typed = stage.as_typed(line)
        if code == 130:
            return stage.until_interrupted(typed)
        if command and command["asks"] and "--yes" not in typed:
            asking = stage.run(typed, check=False)
            quiet = asking.returncode == 0 and re.search(r"--dry-run|--list", typed)
            if not quiet and (asking.returncode != 2 or "--yes" not in asking.stderr):
                return f"{line}\nshould ask, but ends with {asking.returncode}\n{asking.stderr[-800:]}"
            typed += " --yes"
        done = stage.run(typed, check=False)
        if done.returncode != code:
            return f"{line}\nends with {done.returncode}\n{done.stdout[-300:]}{done.stderr[-800:]}"
    except Exception as trouble:
        return f"{line}\n{trouble}"
    return None


def is_to_be_judged(command, line):
    """Is that a plain line of a command that only reads, whose JSON can be asked for by one word more?"""
    return (command["prints"] and command["effect"] == "reads" and line.startswith("routerone " + command["name"])
            and not re.search(r"[|>&]|--format|--json|--map", line))


def is_judged_by_its_examples(command):
    return any(is_to_be_judged(command, example["line"]) and example["exit_code"] == 0
               for example in command["examples"])


def breaches_of(stage, command, text):
    """What of the schema of a command does not hold for what it printed, a line each."""
    schema = json.loads(stage.run(f"routerone schema {command['name']}").stdout)
    try:
        lines = text.splitlines() if command["prints"]["how"] == "lines" else [text]
        return [breach for each in lines for breach in breaches(json.loads(each), schema)]
    except ValueError:
        return [f"no JSON: {text[:200]}"]
