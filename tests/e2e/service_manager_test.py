#!/usr/bin/env python3
"""The daemon as a unit of the user's service manager, which opens its port, hears its signs of life and starts
it again. The manager is a stand-in (fake_systemd.py), and systemd itself where one can be had (real_systemd.py)."""
import contextlib
import functools
import http.client
import os
import pathlib
import signal
import sys
import threading

import cases
from command_home import Home, alive, ask, until
from fake_systemd import FakeSystemd
from ports import unused_port
from real_systemd import RealSystemd, why_not


@contextlib.contextmanager
def with_systemd(kind):
    """A home whose user has a service manager."""
    with contextlib.ExitStack() as stack:
        one = Home(stack)
        base = one.path
        one.env = {"PATH": f"{base}/bin:{os.environ['PATH']}", "HOME": str(base),
                   "XDG_RUNTIME_DIR": str(base / "run")}
        one.state = base / ".local" / "state" / "routerone"
        (base / "bin").mkdir()
        (base / "run").mkdir(mode=0o700)
        manager = stack.enter_context(kind(base, dict(one.env)))
        stack.callback(one.end)  # while the manager is there
        yield one, manager


def real_systemd():
    if why_not():
        raise cases.Skipped(why_not())
    return with_systemd(RealSystemd)


def by_each_manager(case):
    """The case with the stand-in, and with systemd itself where that can be had."""
    @functools.wraps(case)
    def run():
        for kind in [FakeSystemd] + ([] if why_not() else [RealSystemd]):
            with with_systemd(kind) as (one, manager):
                case(one, manager)
    return run


@by_each_manager
def test_where_a_user_manager_runs_the_daemon_is_its_unit(one, manager):
    """up writes the units, systemd opens the port, and down lets go of it"""
    port = unused_port()
    one.cli("up", "--listen", f"127.0.0.1:{port}")
    status = one.status()
    assert status["manager"] == "systemd" and status["pid"] == manager.main_pid()
    assert status["listening"] == [f"127.0.0.1:{port}"]
    assert "--log file" in (manager.units / "routeroned.service").read_text()
    assert "listening" in one.log.read_text()  # the log is the file all the same
    assert "systemd user unit" in one.cli("status").stdout
    units = {file.name: file.stat().st_mtime_ns for file in manager.units.glob("routeroned.*")}
    one.cli("down")
    assert not manager.main_pid() and not manager.listens()
    one.cli("down")  # nothing there: no failure
    one.cli("up")
    assert one.status()["listening"] == [f"127.0.0.1:{port}"]
    assert units == {f.name: f.stat().st_mtime_ns for f in manager.units.glob("routeroned.*")}
    assert not list(manager.home.glob("state"))  # no process of its own beside it


@by_each_manager
def test_nobody_is_refused_while_systemd_restarts_it(one, _):
    """While systemd restarts the daemon, requests wait and none is refused"""
    port = unused_port()
    one.cli("up", "--listen", f"127.0.0.1:{port}")
    key = one.cli("keys", "create", "k", "--quiet").stdout.strip()
    statuses, over = [], threading.Event()

    def ask_on():
        while not over.is_set():
            try:
                statuses.append(ask(port, key))
            except (OSError, http.client.HTTPException) as error:
                statuses.append(repr(error))

    callers = [threading.Thread(target=ask_on) for _ in range(4)]
    for caller in callers:
        caller.start()
    pids = {one.status()["pid"]}
    for _ in range(3):
        one.cli("restart")
        pids.add(one.status()["pid"])
    over.set()
    for caller in callers:
        caller.join()
    assert len(pids) == 4
    refused = [s for s in statuses if s != 200 and "Refused" in str(s)]
    assert not refused and statuses.count(200) > 10, statuses[-20:]


@by_each_manager
def test_who_connects_starts_it_after_a_crash(one, manager):
    """A connection after a crash is kept and answered by the next daemon"""
    port = unused_port()
    one.cli("up", "--listen", f"127.0.0.1:{port}")
    key = one.cli("keys", "create", "k", "--quiet").stdout.strip()
    first = manager.main_pid()
    os.kill(first, signal.SIGKILL)
    until(lambda: not alive(first), "its end")
    assert ask(port, key) == 200
    assert manager.main_pid() not in (0, first)


def test_it_tells_its_manager_of_its_life_and_of_its_end():
    """Signs of life come while its loops work, and a word when it stops"""
    with with_systemd(FakeSystemd) as (one, manager):
        manager.watchdog_usec = lambda: 300_000
        one.cli("up", "--listen", f"127.0.0.1:{unused_port()}")
        until(lambda: manager.said.count("WATCHDOG=1") > 2, "signs of life")
        one.cli("down")
        assert any("STOPPING=1" in text for text in manager.said), manager.said


def test_systemd_starts_a_daemon_again_that_hangs():
    """systemd itself: a daemon that hangs is ended by the watchdog, and its successor answers"""
    with real_systemd() as (one, manager):
        port = unused_port()
        one.cli("up", "--listen", f"127.0.0.1:{port}")
        key = one.cli("keys", "create", "k", "--quiet").stdout.strip()
        manager.lay_over("[Service]\nWatchdogSec=3\n")
        one.cli("restart")
        first = manager.main_pid()
        os.kill(first, signal.SIGSTOP)
        until(lambda: manager.main_pid() not in (0, first), "the next daemon")
        assert ask(port, key) == 200


def test_under_systemd_the_daemon_may_do_no_more_than_its_unit_says():
    """systemd itself: the filter of system calls is in force, no privileges are won, no core is written"""
    with real_systemd() as (one, manager):
        one.cli("up", "--listen", f"127.0.0.1:{unused_port()}")
        process = pathlib.Path(f"/proc/{manager.main_pid()}")
        about = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
        assert about["NoNewPrivs"] == "1" and about["Seccomp"] == "2" and about["Umask"] == "0077", about
        core = [line for line in (process / "limits").read_text().splitlines() if "core file" in line]
        assert core[0].split()[4:6] == ["0", "0"], core


def test_another_home_or_wish_is_not_the_units():
    """ROUTERONE_HOME and --own-process start a process of its own beside a service manager"""
    with with_systemd(FakeSystemd) as (one, manager):
        one.cli("up", "--own-process", "--listen", f"127.0.0.1:{unused_port()}")
        assert one.status()["manager"] is None
        one.cli("down")
        one.env["ROUTERONE_HOME"] = str(one.path / "other")
        one.cli("up", "--listen", f"127.0.0.1:{unused_port()}")
        assert one.status()["manager"] is None
        assert manager.process is None and not manager.units.exists()


@by_each_manager
def test_a_unit_that_does_not_start_says_why(one, _):
    """A daemon that cannot start under systemd is told of with its own last words"""
    one.state.mkdir(parents=True, mode=0o700)
    for folder in (one.path / ".local", one.path / ".local" / "state"):
        folder.chmod(0o700)
    (one.state / "control.json").write_text("{broken")
    refused = one.cli("up", "--listen", f"127.0.0.1:{unused_port()}", code=1)
    assert "the daemon did not start: " in refused.stderr and "control.json" in refused.stderr, refused


if __name__ == "__main__":
    sys.exit(cases.run("service_manager", cases.collect(globals())))
