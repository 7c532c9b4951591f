#!/usr/bin/env python3
"""The daemon's life by the command line, as a process of its own: many starts at once, what a crash leaves
behind, a port that is taken, draining, restarts, and the log over its turns.
`lifecycle_test.py 100` starts a hundred at once."""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading

import cases
from command_home import PATIENCE, alive, ask, chat, home, port_of, until
from ports import unused_port

STARTS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
FULL = 10 << 20


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), "a killed daemon to be gone")


def test_many_starts_at_once_start_one():
    """Many starts at once: exactly one daemon, and every one of them ends well and says it runs"""
    with home() as one:
        port = unused_port()
        begun = [subprocess.Popen(one.command("up", "--listen", f"127.0.0.1:{port}"), env=one.env,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                 for _ in range(STARTS)]
        said = [process.communicate(timeout=120)[1] for process in begun]
        assert [process.returncode for process in begun] == [0] * STARTS, said
        assert all(f"127.0.0.1:{port}" in text for text in said), said
        log = one.log.read_text()
        assert log.count("listening") == 1, log  # nobody else even tried
        assert alive(one.status()["pid"])


def test_what_a_crash_leaves_does_not_stop_the_next_start():
    """A daemon that was killed leaves its socket, its lock file and an address; up starts another"""
    with home() as one:
        first = one.up()
        kill(first["pid"])
        assert (one.run_dir / "control.sock").exists() and (one.state / "routeroned.lock").exists()
        assert one.cli("status", code=3).stderr.splitlines()[1] == "hint: routerone up"
        one.cli("up")
        second = one.status()
        assert second["pid"] != first["pid"]
        assert second["listening"] == first["listening"]


def test_a_stale_socket_or_lock_of_nobodys_is_no_obstacle():
    """A socket file that nobody listens at, a lock file that names a live process, a lock of a start"""
    with home() as one:
        one.run_dir.mkdir(mode=0o700)
        one.state.mkdir(mode=0o700)
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(one.run_dir / "control.sock"))
        stale.close()
        (one.state / "routeroned.lock").write_text(f"{os.getpid()}\n")
        (one.state / "start.lock").write_text("1\n")
        one.up()


def test_a_taken_port_is_told_with_its_holder_and_the_next_is_remembered():
    """A taken port: whose it is, the next free one, and up, setup and run go there from then on"""
    with home() as one, socket.create_server(("127.0.0.1", unused_port())) as taken:
        port = taken.getsockname()[1]
        refused = one.cli("up", "--listen", f"127.0.0.1:{port}", code=1)
        assert f"127.0.0.1:{port} is taken by " in refused.stderr, refused
        assert f"(pid {os.getpid()}, user " in refused.stderr, refused
        assert refused.stderr.splitlines()[1] == "hint: routerone up --next-free", refused
        one.cli("up", "--listen", f"127.0.0.1:{port}", "--next-free")
        there = one.status()["listening"]
        assert port < port_of({"listening": there}) <= port + 200
        shown = one.cli("setup", "codex", "--dry-run", "--model", "sandbox/echo").stdout
        assert there[0] in shown, shown
        child = [sys.executable, "-c", "import os; print(os.environ['OPENAI_BASE_URL'])"]
        assert there[0] in one.cli("run", "--", *child).stdout
        one.cli("down")
        one.cli("up")
        assert one.status()["listening"] == there
        one.cli("down")
        assert there[0] in one.cli("run", "--", *child).stdout  # which starts it


def test_up_says_where_it_listens_if_that_is_not_where_it_was_told_to():
    """up is told another address than that of the daemon that runs: an error, and the way there"""
    with home() as one:
        port, other = port_of(one.up()), unused_port()
        for same in (str(port), f"127.0.0.1:{port}", "127.0.0.1:0"):
            one.cli("up", "--listen", same)
        told = one.cli("up", "--listen", f"127.0.0.1:{other}", code=1).stderr
        assert f"127.0.0.1:{port}" in told.splitlines()[0], told
        assert told.splitlines()[1] == f"hint: routerone down && routerone up --listen 127.0.0.1:{other}", told
        one.cli("up", "--listen", f"127.0.0.1:{other}", "--next-free")
        assert one.cli("init", "--yes", "--no-setup", "--listen", f"127.0.0.1:{other}", code=1).stderr == told


def test_down_tells_a_program_whether_there_was_one():
    with home() as one:
        pid = one.up()["pid"]
        assert json.loads(one.cli("down", "--json").stdout) == {"schema": 1, "was_running": True, "pid": pid}
        assert json.loads(one.cli("down", "--json").stdout) == {"schema": 1, "was_running": False, "pid": None}


def test_of_a_daemon_that_hangs_the_way_on_is_told():
    """A daemon that hangs: status and down give up and name the command that finds out about it"""
    with home() as one:
        pid = one.up()["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            for command in ("status", "down"):
                assert one.cli(command, code=75).stderr.splitlines()[1] == "hint: routerone doctor"
            assert str(pid) in one.cli("doctor", code=1).stdout
        finally:
            os.kill(pid, signal.SIGCONT)
        one.cli("down")


def test_the_environment_comes_before_what_is_remembered():
    """ROUTERONE_LISTEN counts before the remembered address, which stays"""
    with home() as one:
        before = one.up()["listening"]
        one.cli("down")
        one.env["ROUTERONE_LISTEN"] = f"127.0.0.1:{unused_port()}"
        one.cli("up")
        assert one.status()["listening"] == [one.env.pop("ROUTERONE_LISTEN")]
        one.cli("down")
        one.cli("up")
        assert one.status()["listening"] == before


def stream_to_end(port, key, words):
    """The text of a slow stream; `begun` is set with its first piece."""
    begun, pieces, trouble = threading.Event(), [], []

    def read():
        try:
            connection, answer = chat(port, key, "sandbox/slow", words, stream=True)
            for line in iter(answer.readline, b""):
                if line.startswith(b"data: "):
                    pieces.append(line)
                    begun.set()
            connection.close()
        except (OSError, http.client.HTTPException) as error:
            trouble.append(error)
        begun.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(PATIENCE)
    return thread, pieces, trouble


def test_answers_under_way_end_when_it_is_told_to_stop():
    """down and SIGTERM let a stream end; meanwhile status says draining, and the port is closed"""
    for stop in ("down", "SIGTERM"):
        with home() as one:
            port = port_of(one.up())
            key = one.cli("keys", "create", "k", "--quiet").stdout.strip()
            pid = one.status()["pid"]
            thread, pieces, trouble = stream_to_end(port, key, " ".join("abcdefghij"))
            if stop == "down":
                ending = subprocess.Popen(one.command("down"), env=one.env, stdin=subprocess.DEVNULL,
                                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            else:
                os.kill(pid, signal.SIGTERM)
            seen = set()
            while thread.is_alive():
                done = one.cli("status", "--json", code=None)
                if done.returncode == 0:
                    seen.add(json.loads(done.stdout)["draining"])
            thread.join()
            assert True in seen, seen
            assert not trouble and pieces[-1].strip() == b"data: [DONE]", (trouble, pieces)
            until(lambda gone=pid: not alive(gone), "the daemon to end")
            if stop == "down":
                assert ending.wait(PATIENCE) == 0
                ending.stderr.close()
            assert one.cli("status", code=3).returncode == 3


def test_a_restart_keeps_its_addresses_and_keys():
    """A restart listens where it did, though the kernel chose the port, and knows its keys"""
    with home() as one:
        before = one.up()
        key = one.cli("keys", "create", "k", "--quiet").stdout.strip()
        one.cli("restart")
        after = one.status()
        assert after["listening"] == before["listening"] and after["pid"] != before["pid"]
        assert ask(port_of(after), key) == 200


def test_the_log_is_turned_and_followed():
    """A full log is put aside; following goes on over that, a restart and what was there is found"""
    with home() as one:
        one.cli("logs", code=5)
        one.state.mkdir(mode=0o700)
        line = "2026-01-01T00:00:00.000000Z info of yesterday\n"
        one.log.write_text(line * (FULL // len(line)))
        one.log.chmod(0o600)
        seen = one.path / "seen"
        with open(seen, "wb") as out:
            following = subprocess.Popen(one.command("logs", "-f", "-n", "1"), env=one.env,
                                         stdin=subprocess.DEVNULL, stdout=out)
        try:
            until(lambda: seen.read_text(), "the last line")
            one.up()
            until(lambda: "listening" in seen.read_text(), "the start")
            one.cli("restart")
            until(lambda: seen.read_text().count("listening") == 2, "the restart")
            assert "stopping" in seen.read_text()
        finally:
            following.send_signal(signal.SIGINT)
            assert following.wait(PATIENCE) == 130
        assert seen.read_text().count("of yesterday") == 1
        aside = one.state / "routeroned.log.1"
        assert aside.stat().st_size >= FULL - 100 and one.log.stat().st_size < 10_000
        assert one.log.stat().st_mode & 0o777 == 0o600 == aside.stat().st_mode & 0o777
        assert "yesterday" not in one.cli("logs", "--since", "1h").stdout
        assert len(json.loads(one.cli("logs", "-n", "2000", "--json").stdout)) == 2000
        assert one.cli("logs", "--level", "error").stdout == ""


if __name__ == "__main__":
    sys.exit(cases.run("lifecycle", cases.collect(globals())))
