"""One cell of the table: a daemon, providers that play their part, and an agent with a home of its own."""
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

from agents import SHORT
from daemon import Daemon, binary_dir
from player import Player
from terminal import Terminal

LONGEST = 110.0  # seconds of an agent
PRICE = {"input": "2", "output": "10", "cache_read": "0.2", "cache_write": "2.5"}
SPEND = "2"  # USD that a cell has
NODE = os.environ.get("E2E_NODE", "node")


class Stage:
    """`with Stage(..) as stage`. `parts`: what each provider plays, the first choice first."""

    def __init__(self, stack, agent, dialect, parts, price=None, upstream_model=None):
        self.agent, self.dialect = agent, dialect
        self.process, self.out, self.err, self.code, self.seconds = None, "", "", None, 0.0
        self.price = {**PRICE, **(price or {})}
        self.token = "ran-" + secrets.token_hex(3)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="agent-"))  # not in a checkout: agents look around
        self.home, self.work = self.folder / "home", self.folder / "work"
        for folder in (self.home, self.work):
            folder.mkdir(parents=True)
        stack.callback(self.clear)
        for name, text in agent.settings.items():
            (self.home / name).parent.mkdir(parents=True, exist_ok=True)
            (self.home / name).write_text(text.replace("WORK", str(self.work)))
        for n in range(1, 6):
            (self.work / f"part{n}.txt").write_text(f"{self.token}-{n}\n")
        self.upstream_model = upstream_model
        self.daemon = stack.enter_context(Daemon())
        if agent.way in ("run", "setup"):  # the wallet outlives a run: what is held stays to be seen in it
            self.daemon.control("/budgets/set", {"scope": "wallet", "max_spend": "100", "every": "total"})
        self.players = [stack.enter_context(Player(dialect, part, agent.dialect)) for part in parts]
        self.models = [self.add(n, player) for n, player in enumerate(self.players)]
        self.model = self.models[0]
        if agent.model:
            self.named_as_asked(agent.model)
        if len(self.models) > 1:
            self.daemon.control("/routes/fallback", {"model": self.model, "chain": self.models[1:]})
        self.key = agent.words[0] if agent.way == "setup" else "cell"  # its name

    def add(self, n, player):
        name = SHORT[self.dialect] + ("" if n == 0 else str(n))
        self.daemon.add_provider(name, player.base, self.dialect, player.auth, player.key)
        model = f"{name}/{self.upstream_model or player.speaks.MODEL}"
        self.daemon.control("/models/price", {"model": model, "price": json.dumps(self.price)})
        return model

    def named_as_asked(self, model):
        """Lets callers ask for the provider's model by another name; returns the provider."""
        self.daemon.control("/models/alias", {"name": model, "model": self.model})
        return self.player

    # -- the agent

    def start(self, prompt, again=False):
        command = self.agent.command(prompt, again)
        if self.agent.way == "run":
            return self.launch(self.under_run(command, again))
        if self.agent.way == "setup":
            self.set_up()
            return self.launch(command)
        # Unlimited: without our own settings Codex offers web_search, which may cost any amount.
        key = self.daemon.create_key(self.key)
        chosen = [*command[:1], "-c", f'model="{self.model}"']
        if self.agent.way == "variable":
            return self.launch([*chosen, *command[1:]], {
                "OPENAI_BASE_URL": self.daemon.base + "/v1", "OPENAI_API_KEY": key, "CODEX_API_KEY": key})
        self.call(["codex", "login", "--with-api-key"], key)
        return self.launch([*chosen, "-c", f'openai_base_url="{self.daemon.base}/v1"', *command[1:]])

    def set_up(self):
        """As somebody does it once: the key that it makes is one to be limited."""
        self.call(["routerone", "setup", self.key, "--model", self.model, "--yes"])
        self.daemon.control("/budgets/set", {"scope": f"key:{self.key}", "max_spend": SPEND, "every": "total"})

    def call(self, command, told=""):
        done = subprocess.run(command, env=self.environment(), cwd=self.work, input=told, capture_output=True,
                              text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    def under_run(self, command, again=False):
        named = "--resume" if again else "--name"
        models = [] if self.agent.model else ["--models", ",".join(self.models)]
        return ["routerone", "run", named, self.key, *models, "--max-spend", SPEND, "--", *command]

    def start_in_terminal(self):
        """The agent as its user sees it; `self.terminal`."""
        self.began, self.command = time.monotonic(), self.under_run(self.agent.interactive)
        env = {**self.environment(), "TERM": "xterm-256color"}
        self.terminal = Terminal(self.folder, self.command, env, self.work)

    def close_terminal(self):
        self.seconds = time.monotonic() - self.began
        self.out, self.code = self.terminal.screen(), 0
        self.terminal.close()
        self.end_all()

    def launch(self, command, more=None):
        self.command = command
        self.began = time.monotonic()
        with open(self.folder / "out", "wb") as out, open(self.folder / "err", "wb") as err:
            self.process = subprocess.Popen(self.command, env=self.environment(more), cwd=self.work,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                            start_new_session=True)

    def environment(self, more=None):
        node = os.path.dirname(shutil.which(NODE) or NODE)
        path = f"{self.agent.programs}:{binary_dir()}:{node}:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8", "TERM": "dumb", "USER": "dev",
                "ROUTERONE_HOME": str(self.daemon.home), "NO_PROXY": "127.0.0.1,localhost",
                "SHELL": "/bin/bash", **self.agent.variables, **(more or {})}

    def finish(self):
        """Waits for the agent, and takes down what it left running."""
        try:
            self.code = self.process.wait(max(1.0, LONGEST - (time.monotonic() - self.began)))
        except subprocess.TimeoutExpired:
            self.code = None
        self.seconds = time.monotonic() - self.began
        self.end_all()
        self.out = (self.folder / "out").read_text(errors="replace")
        self.err = (self.folder / "err").read_text(errors="replace")

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def end_all(self):
        """Everything that runs with this cell's home was started by its agent."""
        mark = f"HOME={self.home}".encode()
        for process in pathlib.Path("/proc").iterdir():
            try:
                if process.name.isdigit() and mark in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)
            except (OSError, ProcessLookupError):
                pass
        if self.process is not None:
            self.process.wait(10)

    def clear(self):
        self.end_all()
        subprocess.run(["rm", "-rf", str(self.folder)], check=False)  # who was ended may still write there

    def revoke(self):
        self.daemon.control("/keys/revoke", {"name": self.key})

    def wallet(self):
        return self.daemon.control("/budgets/show", {"name": "wallet"})

    def key_state(self):
        """A run's key is not among the others any more once the run has ended."""
        return next((key["state"] for key in self.daemon.control("/keys/list") if key["name"] == self.key), "ended")

    # -- what came of it

    @property
    def player(self):
        return self.players[-1]

    @property
    def printed(self):
        return self.out + self.err

    def traces(self):
        """Oldest first."""
        return list(reversed(self.daemon.traces()))

    def settled_traces(self):
        """Once nothing is under way any more."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = self.traces()
            if found and all(trace["state"] != "started" for trace in found):
                return found
            time.sleep(0.05)
        return self.traces()

    def story(self):
        """All that a failure's cause can be seen from."""
        lines = [f"command: {self.command}", f"exit: {self.code} after {self.seconds:.1f} s",
                 f"stdout: {self.out[-3000:]}", f"stderr: {self.err[-3000:]}"]
        for trace in self.traces():
            lines.append("trace: " + json.dumps({name: trace.get(name) for name in (
                "dialect", "requested_model", "model", "client", "session", "status", "state", "error", "finish_reason",
                "input_tokens", "output_tokens", "cost_usd", "route", "attempts", "dropped", "bytes_in")}))
        for player in self.players:
            lines += [f"provider: {len(player.requests)} requests, {len(player.side_requests)} beside",
                      *(f"problem: {one}" for one in player.problems)]
        return "\n".join(lines)
