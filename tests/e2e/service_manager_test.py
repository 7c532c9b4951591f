#!/usr/bin/env python3
"""The daemon as a unit of the user's service manager, which opens its port, hears its signs of life and starts
it again. The manager is a stand-in (fake_systemd.py)."""
import contextlib
import http.client
import os
import signal
import sys
import threading

import cases
from command_home import Home, ask, free_port, until
from fake_systemd import FakeSystemd


@contextlib.contextmanager
def with_systemd():
    """A home whose user has a service manager."""
    with contextlib.ExitStack() as stack:
        one = Home(stack)
        base = one.path
        one.env = {"PATH": f"{base}/bin:{os.environ['PATH']}", "HOME": str(base),
                   "XDG_RUNTIME_DIR": str(base / "run")}
        one.state = base / ".local" / "state" / "routerone"
        (base / "bin").mkdir()
        (base / "run").mkdir(mode=0o700)
        manager = stack.enter_context(FakeSystemd(base, dict(one.env)))
        manager.install(base / "bin")
        stack.callback(one.end)  # while the manager is there
        yield one, manager


def test_where_a_user_manager_runs_the_daemon_is_its_unit():
    """up writes the units, systemd opens the port, and down lets go of it"""
    with with_systemd() as (one, manager):
        port = free_port()
        one.cli("up", "--listen", f"127.0.0.1:{port}")
        status = one.status()
        assert status["manager"] == "systemd" and status["pid"] == manager.process.pid
        assert status["listening"] == [f"127.0.0.1:{port}"]
        assert "--log file" in (manager.units / "routeroned.service").read_text()
        assert "listening" in one.log.read_text()  # the log is the file all the same
        assert "systemd user unit" in one.cli("status").stdout
        units = {file.name: file.stat().st_mtime_ns for file in manager.units.glob("routeroned.*")}
        one.cli("down")
        assert not manager.runs() and not manager.listening
        assert any("STOPPING=1" in text for text in manager.said), manager.said
        one.cli("down")  # nothing there: no failure
        one.cli("up")
        assert one.status()["listening"] == [f"127.0.0.1:{port}"]
        assert units == {f.name: f.stat().st_mtime_ns for f in manager.units.glob("routeroned.*")}
        assert not list(manager.home.glob("state"))  # no process of its own beside it


def test_nobody_is_refused_while_systemd_restarts_it():
    """While systemd restarts the daemon, requests wait and none is refused"""
    with with_systemd() as (one, _):
        port = free_port()
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


def test_who_connects_starts_it_and_the_watchdog_hears_its_loops():
    """A connection starts it again after a crash; signs of life come while its loops work"""
    with with_systemd() as (one, manager):
        manager.watchdog_usec = lambda: 300_000
        port = free_port()
        one.cli("up", "--listen", f"127.0.0.1:{port}")
        key = one.cli("keys", "create", "k", "--quiet").stdout.strip()
        until(lambda: manager.said.count("WATCHDOG=1") > 2, "signs of life")
        first = manager.process.pid
        os.kill(first, signal.SIGKILL)
        manager.process.wait()
        assert ask(port, key) == 200
        assert manager.process.pid != first


def test_another_home_or_wish_is_not_the_units():
    """ROUTERONE_HOME and --own-process start a process of its own beside a service manager"""
    with with_systemd() as (one, manager):
        one.cli("up", "--own-process", "--listen", f"127.0.0.1:{free_port()}")
        assert one.status()["manager"] is None
        one.cli("down")
        one.env["ROUTERONE_HOME"] = str(one.path / "other")
        one.cli("up", "--listen", f"127.0.0.1:{free_port()}")
        assert one.status()["manager"] is None
        assert manager.process is None and not manager.units.exists()


def test_a_unit_that_does_not_start_says_why():
    """A daemon that cannot start under systemd is told of with its own last words"""
    with with_systemd() as (one, _):
        one.state.mkdir(parents=True, mode=0o700)
        for folder in (one.path / ".local", one.path / ".local" / "state"):
            folder.chmod(0o700)
        (one.state / "control.json").write_text("{broken")
        refused = one.cli("up", "--listen", f"127.0.0.1:{free_port()}", code=1)
        assert "the daemon did not start: " in refused.stderr and "control.json" in refused.stderr, refused


if __name__ == "__main__":
    sys.exit(cases.run("service_manager", cases.collect(globals())))
