#!/usr/bin/env python3
"""`routerone setup` with the real programs: what it writes for each tool is called as the tool would call
it, a second setup changes nothing, and an undo leaves the home as it was, byte for byte."""
import contextlib
import http.client
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile

import cases
from daemon import Daemon, binary_dir

TOOLS = ["codex", "claude", "gemini", "opencode", "qwen", "pi", "cline", "crush"]
MODEL = "sandbox/echo"
KEY = re.compile(r"sk-rk-[0-9A-Za-z]{36}")
CHAT = ("/chat/completions", {"model": MODEL, "messages": [{"role": "user", "content": "hello"}]})
RESPONSES = ("/responses", {"model": MODEL, "input": "hello"})
# What each tool asks below the base URL that was written for it.
ASKS = {"codex": RESPONSES, "opencode": RESPONSES, "pi": RESPONSES, "qwen": CHAT, "cline": CHAT,
        "crush": CHAT, "claude": ("/v1/messages", {**CHAT[1], "max_tokens": 20}),
        "gemini": (f"/v1beta/models/{MODEL}:generateContent",
                   {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]})}
# Homes as users have them: comments, other orders, links, modes.
PRESENT = {
    ".claude/settings.json": ('{\n\t// mine\n\t"model": "opus", // best\n\t"env": {"FOO": "1",},\n}', 0o644),
    ".gemini/settings.json": ('{"security": {"auth": {"selectedType": "oauth-personal"}}}', 0o640),
    ".gemini/.env": ("# mine\nOTHER=1", 0o600),
    ".config/opencode/opencode.jsonc": ('{\r\n  /* mine */\r\n  "theme": "x"\r\n}\r\n', 0o644),
    ".qwen/settings.json": ('{"modelProviders": {"openai": [{"id": "x", "envKey": "Y"}]}}\n', 0o644),
    ".pi/agent/models.json": ('{"providers": {"local": {"baseUrl": "http://127.0.0.1:1"}}}', 0o644),
    ".codex/config.toml": ('model = "gpt-5.5"\n', 0o644),
    ".config/crush/crush.json": ("{}", 0o644),
}

daemon = None


class Home:
    """A user's home, furnished, and the command line in it."""

    def __init__(self, stack):
        self.path = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="r1-home-")))
        for name, (text, mode) in PRESENT.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
            file.chmod(mode)
        self.before = self.files()
        keep = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
        self.env = {**keep, "HOME": str(self.path), "ROUTERONE_HOME": str(daemon.home)}

    def files(self):
        return {str(file.relative_to(self.path)): (file.read_bytes(), file.stat().st_mode)
                for file in self.path.rglob("*") if file.is_file()}

    def command(self, *words):
        return [str(binary_dir() / "routerone"), "setup", *words]

    def setup(self, *words, code=0):
        done = subprocess.run(self.command(*words), env=self.env, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, text=True, check=False)
        assert done.returncode == code, (words, done)
        return done

    def written(self):
        """The text of all that is not as it was."""
        return "\n".join(text.decode() for name, (text, mode) in self.files().items()
                         if self.before.get(name) != (text, mode))


@contextlib.contextmanager
def home():
    with contextlib.ExitStack() as stack:
        yield Home(stack)


def ask(tool, text):
    """The status that a tool would get, with the address and the key that stand in its files."""
    found = KEY.search(text)
    base = re.search(rf"http://127\.0\.0\.1:{daemon.port}[/0-9a-z]*", text)
    assert found and base, text
    path, body = ASKS[tool]
    prefix = base[0].split(str(daemon.port), 1)[1].rstrip("/")
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20)
    try:
        connection.request("POST", prefix + path, json.dumps(body), {
            "Content-Type": "application/json", "Authorization": f"Bearer {found[0]}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def test_every_tool_is_served_by_what_was_written_for_it_until_the_undo():
    """Every tool is served by what was written for it, under a key of its name, until the undo"""
    with home() as user:
        for tool in TOOLS:
            shown = user.setup(tool, "--model", MODEL, "--yes")
            text = user.written()
            assert not KEY.search(shown.stdout + shown.stderr), shown
            assert ask(tool, text) == 200, (tool, text)
            assert daemon.wait_traces(1, f"key={tool}")[0]["model"] == MODEL, tool
            user.setup(tool, "--undo", "--yes")
            assert user.files() == user.before, tool
            assert ask(tool, text) == 401, tool


def test_a_second_setup_changes_nothing():
    """A second setup changes no byte, and makes no second key"""
    with home() as user:
        for tool in TOOLS:
            user.setup(tool, "--model", MODEL, "--yes")
        once = user.files()
        keys = len(daemon.control("/keys/list"))
        for tool in TOOLS:
            assert "nothing changes" in user.setup(tool, "--model", MODEL, "--yes").stderr, tool
        assert user.files() == once
        assert len(daemon.control("/keys/list")) == keys
        for tool in TOOLS:
            user.setup(tool, "--undo", "--yes")
        assert user.files() == user.before


def test_what_is_the_users_stays_where_it_is():
    """Comments, order, line ends and commas of the user's stay where they are"""
    with home() as user:
        user.setup("claude", "--yes")
        text = user.files()[".claude/settings.json"][0].decode()
        assert text.startswith('{\n\t// mine\n\t"model": "opus", // best\n\t"env": {"FOO": "1",'), text
        assert user.files()[".claude/settings.json"][1] & 0o777 == 0o600
        user.setup("opencode", "--model", MODEL, "--yes")
        text = user.files()[".config/opencode/opencode.jsonc"][0].decode()
        assert text.startswith('{\r\n  /* mine */\r\n  "theme": "x",\r\n') and "\n\n" not in text, text
        assert "\n" not in text.replace("\r\n", ""), text
        for tool in ("claude", "opencode"):
            user.setup(tool, "--undo", "--yes")


def test_a_person_is_asked_and_may_say_no():
    """A person is shown the difference in colour and asked; no leaves everything as it is"""
    with home() as user:
        for answer, code in (("n\n", 1), ("y\n", 0)):
            master, slave = pty.openpty()
            process = subprocess.Popen(user.command("claude"), env={**user.env, "TERM": "xterm"},
                                       stdin=slave, stdout=slave, stderr=slave, close_fds=True)
            os.close(slave)
            said = read_until(master, b"[y/N] ")
            assert b"\x1b[32m+" in said and not KEY.search(said.decode()), said
            os.write(master, answer.encode())
            read_until(master, None)
            assert process.wait(20) == code, (answer, said)
            os.close(master)
            assert (user.files() == user.before) == (code != 0)
        user.setup("claude", "--undo", "--yes")


def read_until(master, words):
    """What a terminal shows up to these words; None: up to its end."""
    said = b""
    while words is None or words not in said:
        ready, _, _ = select.select([master], [], [], 20)
        assert ready, said
        try:
            said += os.read(master, 4096)
        except OSError:  # the other end is closed
            break
    return said


def test_a_change_of_the_users_is_not_lost():
    """An undo over a change of the user's is refused with its place, and force takes it back"""
    with home() as user:
        user.setup("claude", "--yes")
        file = user.path / ".claude/settings.json"
        file.write_text(file.read_text() + "\n// later\n")
        refused = user.setup("claude", "--undo", "--yes", code=1)
        assert "settings.json has been changed" in refused.stderr and "--force" in refused.stderr, refused
        user.setup("claude", "--undo", "--force", "--yes")
        assert user.files() == user.before


def test_a_key_with_a_limit_of_its_own_can_be_given():
    """A key that exists is given a new secret, keeps its limits, and outlives the undo"""
    daemon.create_key("mine", max_spend="1", every="day")
    with home() as user:
        user.setup("codex", "--model", MODEL, "--key", "mine", "--yes")
        text = user.written()
        assert ask("codex", text) == 200
        user.setup("codex", "--undo", "--yes")
        assert ask("codex", text) == 200
        assert user.files() == user.before


def test_a_broken_file_is_named():
    """A file that does not parse is named with line and column, and nothing is made"""
    with home() as user:
        (user.path / ".claude/settings.json").write_text('{\n  "a": 1\n  "b": 2\n}')
        keys = len(daemon.control("/keys/list"))
        refused = user.setup("claude", "--yes", code=2)
        assert "settings.json: not valid JSON at line 3, column 5" in refused.stderr, refused
        assert len(daemon.control("/keys/list")) == keys


if __name__ == "__main__":
    with Daemon() as daemon:
        sys.exit(cases.run("setup", cases.collect(globals())))
