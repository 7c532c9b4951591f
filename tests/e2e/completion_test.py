"""TAB in the real bash (with and without the package bash-completion), zsh and fish: one list of cases
for all, with the daemon up and down. Whatever names hold, nothing of them is run, and nothing is said
on stderr."""
import concurrent.futures
import contextlib
import functools
import json
import os
import pathlib
import pty
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import cases
from completion_cases import ALWAYS, HOSTILE, ODD, TICKS, UP
from completion_shells import BASH_COMPLETION, Bash, Fish, SCRIPTS, Zsh
from daemon import Daemon, binary_dir
from ports import unused_port

CLI = binary_dir() / "routerone"
LEAST = 60
TRIES = [0.1, 0.5, 1, 2, 0]
SESSIONS = ["session one", "it's \"$(touch PWNED)\"", "hidden"]


def folder_to_work_in():
    work = pathlib.Path(tempfile.mkdtemp(prefix="r1-work-"))
    (work / "my prices.json").write_text("{}")
    (work / "sub folder").mkdir()
    return work


WORK = folder_to_work_in()


def installed(name, maker):
    if not shutil.which(name):
        raise cases.Skipped(f"there is no {name}")
    return maker


def bash_with_package(home):
    if not BASH_COMPLETION.exists():
        raise cases.Skipped("there is no bash-completion")
    return Bash(home, WORK, with_package=True)


def shell_of(name, home):
    makers = {"bash": lambda: Bash(home, WORK), "zsh": lambda: Zsh(home, WORK),
              "fish": lambda: Fish(home, WORK), "package": lambda: bash_with_package(home)}
    return installed("bash" if name == "package" else name, makers[name])()


def play(shell, listed, names=False):
    """Each case of the list that is for this shell; all that go wrong are told together. With
    `names` of a daemon: on a slow machine it may be too late for one TAB, but not for all."""
    played, wrong = 0, []
    for case in listed:
        if case.shells and shell.name not in case.shells:
            continue
        played += 1
        for patience in (TRIES if names else [0]):
            try:
                case.check(shell, shell.ask(case.typed, case.left))
                break
            except AssertionError as trouble:
                wrong += [str(trouble)] * (not patience)
                time.sleep(patience)
    wrong += [f"{shell.name} complains: {shell.complaints()!r}"] * bool(shell.complaints())
    wrong += ["something was run"] * bool(list(WORK.rglob("PWNED*")))
    assert not wrong, "\n".join(wrong)
    return played


def furnish(daemon):
    daemon.control("/projects/create", {"name": "web"})
    for key in ("ci", "laptop"):
        daemon.create_key(key)
    daemon.create_key("web-prod", project="web")
    daemon.add_provider("mybox", f"http://127.0.0.1:{unused_port()}/v1", "openai-chat")
    daemon.add_provider("openai", f"http://127.0.0.1:{unused_port()}/v1", "openai-chat")
    daemon.control("/providers/key_add", {"provider": "openai", "name": "second", "key": "sk-2" * 8})
    for alias in ("quickest", HOSTILE, TICKS, ODD):
        daemon.control("/models/alias", {"name": alias, "model": "openai/gpt-4.1-nano"})
    daemon.control("/routes/candidates", {"name": "smart", "models": ["openai/gpt-4.1-nano"]})
    secret = daemon.control("/keys/rotate", {"name": "ci"})["key"]
    for session in SESSIONS:
        request = urllib.request.Request(
            daemon.base + "/v1/chat/completions", method="POST",
            data=json.dumps({"model": "sandbox/echo",
                             "messages": [{"role": "user", "content": "hi"}]}).encode(),
            headers={"Authorization": "Bearer " + secret, "Content-Type": "application/json",
                     "x-session-id": session})
        urllib.request.urlopen(request, timeout=30).read()
    daemon.wait_traces(len(SESSIONS))


@contextlib.contextmanager
def home_without_daemon():
    home = tempfile.mkdtemp(prefix="r1-")
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def play_both(name):
    with home_without_daemon() as home, shell_of(name, home) as shell:
        played = play(shell, ALWAYS)
    assert played >= LEAST, played
    with shell_of(name, WORLD.home) as shell:
        play(shell, UP + ALWAYS[::6], names=True)  # what needs no daemon is not in its way


@functools.cache
def shells_at_work():
    """All at once: on a slow machine most of their time is waiting for one another."""
    pool = concurrent.futures.ThreadPoolExecutor(4)
    return {name: pool.submit(play_both, name) for name in ("bash", "package", "zsh", "fish")}


def test_bash():
    """bash alone"""
    shells_at_work()["bash"].result()


def test_bash_with_package():
    """bash with the package bash-completion"""
    shells_at_work()["package"].result()


def test_zsh():
    """zsh"""
    shells_at_work()["zsh"].result()


def test_fish():
    """fish"""
    shells_at_work()["fish"].result()


def test_other_names():
    """the program under another name, by a path, behind other words of the line"""
    lines = {"r1 ke": "r1 keys ", f"{CLI} ke": f"{CLI} keys ", "A=1 routerone ke": "A=1 routerone keys ",
             "true; routerone ke": "true; routerone keys ", "true | routerone ke": "true | routerone keys "}
    with home_without_daemon() as home:
        for shell in (Bash(home, WORK, program="r1"), Zsh(home, WORK, program="r1"),
                      Fish(home, WORK, program="r1")):
            with shell:
                for typed, after in lines.items():
                    if shell.name == "bash" and not typed.startswith("r1"):
                        continue  # its listening hook is on that name alone
                    answer = shell.ask(typed)
                    assert answer.offered == ["keys"], (shell.name, typed, answer.offered)
                    assert answer.line in (None, after), (shell.name, typed, answer.line)
                assert not shell.complaints(), shell.complaints()
        with Bash(home, WORK) as shell:
            for typed, after in lines.items():
                if not typed.startswith("r1"):
                    assert shell.ask(typed).line == after, typed


def run(*words, home=None, env=None):
    everything = {"PATH": "/usr/bin:/bin", "ROUTERONE_HOME": str(home or WORK / "nowhere"), **(env or {})}
    return subprocess.run([CLI, *words], env=everything, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, check=False, cwd=WORK)


def test_scripts():
    """`completion SHELL` prints the script of the repository, alone, and what it offers is accepted"""
    for shell, file in (("bash", "routerone.bash"), ("zsh", "_routerone"), ("fish", "routerone.fish")):
        done = run("completion", shell)
        assert done.returncode == 0 and done.stderr == b"", done
        assert done.stdout == (SCRIPTS / file).read_bytes(), shell
    refused = run("completion", "tcsh")
    assert refused.returncode == 2 and refused.stdout == b"" and b"hint:" in refused.stderr, refused
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", "-x", SCRIPTS / "routerone.bash"], check=True)
    for shell, words in (("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])):
        if shutil.which(shell):
            file = SCRIPTS / ("_routerone" if shell == "zsh" else f"routerone.{shell}")
            subprocess.run([shell, *words, file], check=True)


def test_installed():
    """the scripts work from where the hint says they are to be put, and the hint is for a terminal only"""
    home = pathlib.Path(tempfile.mkdtemp(prefix="r1-user-"))
    places = {"bash": home / ".local/share/bash-completion/completions/routerone",
              "fish": home / ".config/fish/completions/routerone.fish"}
    for shell, place in places.items():
        place.parent.mkdir(parents=True)
        place.write_bytes(run("completion", shell).stdout)
    if BASH_COMPLETION.exists():
        with Bash(home / "none", home, with_package=True, installed=True) as shell:
            assert shell.ask("routerone ke").line == "routerone keys "
    with Fish(home / "none", home, installed=True) as shell:
        assert shell.ask("routerone ke").offered == ["keys"]
    with Zsh(home / "none", home, sourced=True) as shell:
        assert shell.ask("routerone ke").line == "routerone keys "
    shutil.rmtree(home)
    for shell in ("bash", "zsh", "fish"):
        master, slave = pty.openpty()
        done = subprocess.Popen([CLI, "completion", shell], stdout=slave, stderr=subprocess.PIPE,
                                env={"PATH": "/usr/bin", "ROUTERONE_HOME": str(WORK), "TERM": "dumb"})
        os.close(slave)
        try:
            while os.read(master, 65536):
                pass
        except OSError:  # its end
            pass
        os.close(master)
        hint = done.communicate()[1]
        assert f"routerone completion {shell} >".encode() in hint, hint


def test_descriptions():
    """zsh and fish say what each word is for"""
    with home_without_daemon() as home:
        with shell_of("fish", home) as fish:
            fish.ask("routerone keys ")
            assert "make a key" in fish.about["create"], fish.about
            fish.ask("routerone keys list --a")
            assert "revoked" in fish.about["--all"], fish.about
        with shell_of("zsh", home) as zsh:
            zsh.ask("routerone keys ")
            zsh.ask("routerone keys ")
            shown = zsh.shown.decode(errors="replace")
            assert "create" in shown and "-- make a key" in shown, shown


def test_filters():
    """each field that is offered for a filter is one that the daemon takes, and no other is"""
    values = {"since": "1h", "until": "1h", "stream": "true", "route": "auto", "state": "completed",
              "cost": "1", "latency": "1s", "ttft": "1s", "overhead": "1ms"}
    offered = []
    for letter in "abcdefghijklmnopqrstuvwxyz":
        done = run("__complete", "zsh", "--", "traces", "list", letter)
        offered += [line.split("\t")[0] for line in done.stdout.decode().splitlines()[1:]]
    assert len(offered) > 30, offered
    for field in offered:
        name = field.rstrip("<>=")
        term = field + values.get(name, "1")
        WORLD.control("/traces/list", {"terms": [term], "limit": 1})


def test_anything():
    """whatever stands on the line, it ends well and quietly"""
    dice = random.Random(7)
    pieces = ["routerone", "keys", "create", "--every", "=", ":", "'", '"', "\\", "$(", "`", ">", "<", "|",
              "--", "-", " ", "\t", "\n", "é", "\x1b", "\x7f", "@", ",", "run", "traces", "list", "key=",
              "status>=", "\udcff", "a" * 5000]
    for _ in range(30):
        line = "".join(dice.choice(pieces) + dice.choice(["", " "]) for _ in range(dice.randrange(12)))
        for words in (["bash", "--", line, " \t\n\"'@><=;|&(:"], ["zsh", "--", *line.split(" ")],
                      ["fish", "--", line]):
            done = run("__complete", *[word.encode(errors="surrogateescape") for word in words])
            assert done.returncode == 0 and done.stderr == b"", (line, done)
            assert not any(byte < 32 and byte not in b"\n\t" for byte in done.stdout), (line, done)
    for words in ([], ["bash"], ["bash", "--"], ["nosuch", "--", ""], ["zsh", "--"]):
        assert run("__complete", *words).returncode in (0, 2)


def test_slow_daemon():
    """a daemon that does not answer is not waited for"""
    with Daemon() as daemon:
        os.kill(daemon.pid, signal.SIGSTOP)  # it is there, and says nothing
        os.waitid(os.P_PID, daemon.pid, os.WSTOPPED | os.WNOWAIT)
        try:
            done = run("__complete", "zsh", "--", "providers", "show", "openr", home=daemon.home)
        finally:
            os.kill(daemon.pid, signal.SIGCONT)
        assert b"openrouter" in done.stdout, done


if __name__ == "__main__":
    with Daemon() as WORLD:
        furnish(WORLD)
        code = cases.run("completion", cases.collect(globals()))
    shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(code)
