#!/usr/bin/env python3
"""How long the command line takes: starting, reading, and a TAB, each beside what other programs take in
the same run. Usage: cli_speed.py [BIN_FOLDER] [RUNS]    (default: build/release/bin, 60)

Prints the median and the least of each in milliseconds, and the median's ratio to that of
`git --version` and of `/bin/true`, which are run in turn with it. A TAB is timed in a real bash and zsh
from the key to the line editor's answer; its baseline is a key that does nothing but answer."""
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "release" / "bin").resolve()
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 60
os.environ["ROUTERONE_BIN"] = str(BIN)

from completion_shells import Bash, Zsh  # noqa: E402
from daemon import Daemon  # noqa: E402
from ports import unused_port  # noqa: E402

CLI = str(BIN / "routerone")
BREAKS = " \t\n\"'@><=;|&(:"
BASELINES = {"/bin/true": ["/bin/true"], "git --version": ["/usr/bin/git", "--version"]}
STARTING = {"routerone --version": [CLI, "--version"], "routerone --help": [CLI, "--help"]}
READING = {" ".join(words): [CLI, *words] for words in (
    ["status"], ["keys", "list"], ["keys", "show", "k7"], ["projects", "list"], ["budgets", "show"],
    ["providers", "list"], ["models", "list"], ["models", "list", "--all"],
    ["models", "show", "openai/gpt-4.1-nano"], ["routes", "show"], ["traces", "list"], ["usage"])}
TABS = {name: [CLI, "__complete", *words] for name, words in (
    ("TAB: words of commands", ("bash", "--", "routerone ke", BREAKS)),
    ("TAB: an option", ("zsh", "--", "keys", "create", "x", "--max")),
    ("TAB: names of keys", ("zsh", "--", "keys", "show", "")),
    ("TAB: models", ("zsh", "--", "models", "show", "openai/")),
    ("TAB: sessions", ("zsh", "--", "traces", "list", "session=")))}

DEVNULL = os.open(os.devnull, os.O_RDWR)
SILENT = [(os.POSIX_SPAWN_DUP2, DEVNULL, fd) for fd in (0, 1, 2)]


def once(command, env):
    began = time.perf_counter()
    os.waitpid(os.posix_spawn(command[0], command, env, file_actions=SILENT), 0)
    return (time.perf_counter() - began) * 1e3


def measure(commands, env):
    """Milliseconds of each, taken in turn so that whatever else the machine does falls on all."""
    taken = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            taken[name].append(once(command, env))
    return taken


def show(title, taken):
    median = {name: statistics.median(times) for name, times in taken.items()}
    print(f"\n{title:34} {'median ms':>10} {'least ms':>9} {'x git':>7} {'x true':>7}")
    for name, times in taken.items():
        print(f"{name:34} {median[name]:10.2f} {min(times):9.2f} "
              f"{median[name] / median['git --version']:7.2f} {median[name] / median['/bin/true']:7.2f}")
    return median


def tab(make, line):
    with make() as shell:
        taken = {True: [], False: []}
        for _ in range(RUNS):
            for key in (True, False):
                began = time.perf_counter()
                shell.ask(line) if key else shell.answer_alone(line)
                taken[key].append((time.perf_counter() - began) * 1e3)
    return statistics.median(taken[True]), statistics.median(taken[False])


def show_tabs(home, how):
    work = tempfile.gettempdir()
    for name, make in (("bash", lambda: Bash(home, work)), ("zsh", lambda: Zsh(home, work))):
        for line in ("routerone ke", "routerone models show openai/gpt-4.1-n"):
            whole, alone = tab(make, line)
            print(f"{name:5} TAB, daemon {how:5} {line:40} {whole:7.2f} ms, a key alone {alone:6.2f} ms")


def main():
    env = {name: value for name, value in os.environ.items() if not name.startswith("ROUTERONE_")}
    with tempfile.TemporaryDirectory(prefix="r1-") as home:
        env["ROUTERONE_HOME"] = home
        down = show("daemon down", measure({**BASELINES, **STARTING, **TABS}, env))
        show_tabs(home, "down")
    with Daemon() as daemon:
        env["ROUTERONE_HOME"] = str(daemon.home)
        for provider in ("openai", "mybox"):
            daemon.add_provider(provider, f"http://127.0.0.1:{unused_port()}/v1", "openai-chat")
        for n in range(50):
            daemon.create_key(f"k{n}")
        up = show("daemon up", measure({**BASELINES, **STARTING, **READING, **TABS}, env))
        show_tabs(daemon.home, "up")
    print(f"\n--version: {up['routerone --version'] / up['git --version']:.2f} x git --version (at most 3)")
    print(f"reading:   {max(up[name] for name in READING):.1f} ms at most (15)")
    print(f"TAB:       {max(up[name] for name in TABS):.1f} ms at most with the daemon up (20), "
          f"{max(down[name] for name in TABS):.1f} ms down (30)")


if __name__ == "__main__":
    main()
