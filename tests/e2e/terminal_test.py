#!/usr/bin/env python3
"""The REPL and its tail as a person has them: in real terminals of three sizes, whose screens are compared,
under a flood of lines, pastes, new sizes, Ctrl-Z, kills and a daemon that is restarted."""
import contextlib
import http.client
import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time

import cases
from daemon import Daemon, binary_dir
from tmux_terminal import SHELL_PROMPT, SIZES, Terminal, compare_screen
from trace_source import EPOCH_ID, TraceSource

PROMPT, TAIL_PROMPT, PAUSED_PROMPT = "routerone>", "routerone tail>", "routerone paused>"
HISTORY = "state/repl-history"


@contextlib.contextmanager
def repl(home, columns=80, rows=24, words="repl", env=None):
    with Terminal(columns, rows, home, env) as terminal:
        terminal.keys("C-l")
        terminal.line(f"routerone {words}")
        terminal.wait_last(PROMPT)
        yield terminal


def history(home):
    return (home / HISTORY).read_text(encoding="utf-8").splitlines()


def start_tail(terminal, source, terms=""):
    terminal.line(f"tail {terms}".rstrip())
    terminal.wait_last(TAIL_PROMPT)
    terminal.until(lambda _: source.bodies("/traces/tail"), "the first question of the tail")


# -- screens


def test_the_repl_looks_as_it_should_at_three_sizes():
    for columns, rows in SIZES:
        with TraceSource() as source, repl(source.home, columns, rows) as terminal:
            terminal.type("traces sh")
            terminal.keys("Tab")
            terminal.wait_last(f"{PROMPT} traces show")
            terminal.keys("C-c")
            terminal.wait_last(PROMPT)
            terminal.type("keys show ci")
            terminal.keys("Tab")
            terminal.wait("citadel")
            terminal.keys("C-u")
            terminal.wait_last(PROMPT)
            terminal.line("keys shwo x")
            terminal.wait("did you mean")
            terminal.wait_last(PROMPT)
            terminal.paste("version # the first\nversion # and one more, which is longer than a narrow terminal\n")
            terminal.wait("narrow terminal" if columns > 60 else "terminal")
            compare_screen(terminal, "repl")


def test_the_tail_looks_as_it_should_at_three_sizes():
    for columns, rows in SIZES:
        with TraceSource() as source, repl(source.home, columns, rows) as terminal:
            start_tail(terminal, source)
            terminal.type("keys list --json and more that fills the row")
            source.give(4)
            terminal.until(lambda rows: sum("12:00:00" in row for row in rows) == 4, "four lines")
            terminal.keys("C-c")
            terminal.wait_last(TAIL_PROMPT)
            terminal.line("pause")
            terminal.wait_last(PAUSED_PROMPT)
            source.give(2)
            terminal.line("resume")
            terminal.until(lambda rows: sum("12:00:00" in row for row in rows) == 6, "six lines")
            terminal.wait_last(TAIL_PROMPT)
            terminal.line("untail")
            terminal.wait("6 requests")
            terminal.wait_last(PROMPT)
            compare_screen(terminal, "tail")


# -- a line that is being edited


def told(rows):
    """How many lines of a tail stand there, and how many it says that it has skipped."""
    skipped = [re.fullmatch(r"\.\. (\d+) lines skipped", row) for row in rows]
    return (sum(bool(re.match(r"\d\d:\d\d:\d\d +\d{3} ", row)) for row in rows),
            sum(int(found[1]) for found in skipped if found))


def type_and_edit(terminal, words, end="C-u"):
    """Letter by letter, with something put before them and taken away again."""
    for count, letter in enumerate(words, 1):
        terminal.type(letter)
        if count % 6 == 0:
            terminal.wait_last(f"{TAIL_PROMPT} {words[:count]}".rstrip())
    terminal.keys("C-a")
    terminal.type("XY")
    terminal.wait_last(f"{TAIL_PROMPT} XY{words}")
    terminal.keys("BSpace", "BSpace")
    terminal.wait_last(f"{TAIL_PROMPT} {words}")
    terminal.keys(end)
    if end == "C-u":
        terminal.wait_last(TAIL_PROMPT)


def test_what_is_typed_under_a_thousand_lines_a_second_stands_there_and_runs():
    with TraceSource(rate=1000) as source, repl(source.home) as terminal:
        start_tail(terminal, source)
        source.begin()
        wanted = f"open {EPOCH_ID}00000000002a"
        while source.handed_out < 4_000:
            type_and_edit(terminal, wanted)
        type_and_edit(terminal, wanted, "Enter")
        terminal.until(lambda _: source.bodies("/traces/show"), "the line being run")
        assert source.bodies("/traces/show") == [{"name": wanted.split()[1]}]
        assert history(source.home) == ["tail", wanted]
        source.end()
        terminal.until(lambda _: source.handed_out == source.newest(), "the last part", lambda: source.handed_out)
        terminal.until(lambda _: sum(told(terminal.all_rows())) == source.handed_out, "all lines, or a word of them",
                       lambda: sum(told(terminal.all_rows())))
        print(f"{source.handed_out} lines at 1000 a second, {told(terminal.all_rows())[1]} of them skipped")
        terminal.line("untail")
        terminal.wait(f"{source.handed_out} requests,")
        terminal.wait_last(PROMPT)


def test_after_a_pause_the_tail_comes_to_the_newest_and_has_counted_all():
    with TraceSource() as source, repl(source.home) as terminal:
        start_tail(terminal, source)
        terminal.line("pause")
        terminal.wait_last(PAUSED_PROMPT)
        source.give(5_000)
        terminal.until(lambda _: source.handed_out >= 1, "a first part")
        terminal.line("resume")
        terminal.until(lambda _: source.handed_out == 5_000, "the last part", lambda: source.handed_out)

        def newest_opened(_):
            terminal.line("open")
            terminal.until(lambda rows: rows[-1:] == [TAIL_PROMPT], "the end of open")
            return source.bodies("/traces/show")[-1:] == [{"name": f"{EPOCH_ID}{5_000:012x}"}]

        terminal.until(newest_opened, "the newest")
        terminal.line("filter status>=503")
        terminal.until(lambda _: source.bodies("/traces/tail")[-1]["terms"] == ["status>=503"], "the new filter")
        source.give(4)
        terminal.until(lambda _: source.handed_out == 5_001, "the one that failed")
        terminal.line("untail")
        terminal.wait("5001 requests")


def test_a_line_over_several_rows_survives_lines_above_it_and_new_sizes():
    with TraceSource() as source, repl(source.home, 40, 15) as terminal:
        start_tail(terminal, source)
        text = "a word ääää 日本語日本語日本語 and then more words until it takes three rows of it"
        terminal.type(text)
        terminal.wait("three rows")
        terminal.keys("C-a")
        for columns in (40, 61, 33, 80):
            terminal.resize(columns, 15)
            source.give(3)

            def shown(rows):
                joined = "".join(rows).replace(" ", "")
                return joined.endswith(f"{TAIL_PROMPT}{text}".replace(" ", ""))

            terminal.until(shown, f"the whole line at {columns} columns")
        terminal.type("X")
        terminal.keys("C-e")
        terminal.type("Y")
        terminal.until(lambda rows: "".join(rows).replace(" ", "").endswith(f"X{text}Y".replace(" ", "")), "X and Y")


def test_pasted_lines_stand_there_until_enter_and_then_run_in_their_order():
    with TraceSource() as source, repl(source.home) as terminal:
        ids = [f"{EPOCH_ID}{number:012x}" for number in (1, 2, 3)]
        terminal.paste("".join(f"traces show {each}\n" for each in ids))
        terminal.wait_last(f"traces show {ids[2]}")
        assert not source.bodies("/traces/show")
        terminal.type(" --json")
        terminal.wait_last(f"traces show {ids[2]} --json")
        terminal.keys("Enter")
        terminal.until(lambda _: len(source.bodies("/traces/show")) == 3, "three commands")
        assert [body["name"] for body in source.bodies("/traces/show")] == ids
        terminal.wait_last(PROMPT)
        assert history(source.home) == [f"traces show {ids[0]}", f"traces show {ids[1]}", f"traces show {ids[2]} --json"]


def test_a_paste_that_ends_itself_does_not_run_what_is_behind():
    with TraceSource() as source, repl(source.home) as terminal:
        terminal.paste(f"version\x1b[201~\ntraces show {EPOCH_ID}000000000001\n")
        terminal.wait(f"traces show {EPOCH_ID}000000000001")
        terminal.keys("C-c")
        terminal.wait_last(PROMPT)
        assert not source.bodies("/traces/show")


def test_a_paste_with_the_keys_of_signals_in_it_does_not_run_what_is_behind_them():
    with TraceSource() as source, repl(source.home) as terminal:
        for key in ("\x03", "\x1a", "\x1c"):
            terminal.paste(f"version{key}\ntraces show {EPOCH_ID}000000000001\n")
            terminal.wait_last(f"traces show {EPOCH_ID}000000000001")
            terminal.keys("C-c")
            terminal.wait_last(PROMPT)
        terminal.line("version")
        terminal.wait("routerone 0")
        assert not source.bodies("/traces/show")


# -- signals and ways out


def test_ctrl_c_counts_in_the_order_of_keys_however_fast_they_come():
    with TraceSource() as source, repl(source.home) as terminal:
        for _ in range(20):
            terminal.keys("C-l")
            terminal.type("keys li\x03keys")
            terminal.wait(f"{PROMPT} keys li^C")
            terminal.wait_last(f"{PROMPT} keys")
            terminal.keys("C-u")
            terminal.wait_last(PROMPT)



def test_it_stops_on_ctrl_z_and_comes_back_with_its_line():
    with TraceSource() as source, repl(source.home) as terminal:
        terminal.type("keys show citadel")
        terminal.keys("Left", "Left")
        terminal.wait_last(f"{PROMPT} keys show citadel")
        terminal.keys("C-z")
        terminal.wait("Stopped")
        terminal.wait_last(SHELL_PROMPT)
        terminal.line("echo the shell $((6 * 7))")
        terminal.wait("the shell 42")
        terminal.wait_last(SHELL_PROMPT)
        terminal.line("fg")
        terminal.wait_last(f"{PROMPT} keys show citadel")
        terminal.type("X")
        terminal.wait_last(f"{PROMPT} keys show citadXel")


def test_every_way_out_leaves_the_terminal_as_it_was():
    with TraceSource() as source, Terminal(80, 24, source.home) as terminal:
        before = terminal.modes()
        for way in ("C-d", "exit", signal.SIGTERM, signal.SIGHUP):
            terminal.keys("C-l")
            terminal.line("routerone repl")
            terminal.wait_last(PROMPT)
            terminal.line("tail")
            terminal.wait_last(TAIL_PROMPT)
            if isinstance(way, signal.Signals):
                terminal.type("half a li")
                terminal.wait_last(f"{TAIL_PROMPT} half a li")
                os.kill(terminal.pid_of("routerone"), way)
            elif way == "exit":
                terminal.line("exit")
            else:
                terminal.keys(way)
            terminal.wait_last(SHELL_PROMPT)
            assert terminal.modes() == before, way
            terminal.paste("echo pasted $((1 + 1))\n")
            terminal.wait("pasted 2")


def test_a_kill_while_a_command_runs_ends_both_and_a_killed_repl_leaves_no_tail_behind():
    with TraceSource() as source, Terminal(80, 24, source.home) as terminal:
        before = terminal.modes()
        for way in (signal.SIGTERM, signal.SIGHUP):
            terminal.line("clear; routerone repl")
            terminal.wait_last(PROMPT)
            asked = len(source.bodies("/traces/tail"))
            terminal.line("traces tail")
            terminal.until(lambda _, asked=asked: len(source.bodies("/traces/tail")) > asked, "the tail")
            os.kill(terminal.pid_of("routerone"), way)
            terminal.until(lambda rows: rows[-1:] == [SHELL_PROMPT], "the shell")
            assert terminal.modes() == before, way
        terminal.line("clear; routerone repl")
        terminal.wait_last(PROMPT)
        start_tail(terminal, source)
        os.kill(terminal.pid_of("routerone"), signal.SIGKILL)
        terminal.wait("Killed")

        def nobody_asks(_):
            asked = len(source.bodies("/traces/tail"))
            time.sleep(1.5)
            return len(source.bodies("/traces/tail")) == asked

        terminal.until(nobody_asks, "the end of the tail")


def test_ctrl_c_clears_a_line_and_ends_a_command_but_not_the_repl():
    with TraceSource() as source, repl(source.home) as terminal:
        terminal.type("keys li")
        terminal.keys("C-c")
        terminal.wait(f"{PROMPT} keys li^C")
        terminal.wait_last(PROMPT)
        terminal.line("traces tail")
        terminal.until(lambda _: source.bodies("/traces/tail"), "the tail")
        terminal.keys("C-c")
        terminal.wait_last(PROMPT)
        terminal.line("version")
        terminal.wait("routerone 0")
        assert history(source.home) == ["traces tail", "version"]


def test_watch_runs_a_command_again_and_gives_the_screen_back():
    with TraceSource() as source, repl(source.home) as terminal:
        terminal.line(f"watch 1 traces show {EPOCH_ID}000000000007")
        terminal.wait("any key ends this")
        terminal.until(lambda _: len(source.bodies("/traces/show")) >= 2, "a second run")
        terminal.resize(60, 20)
        terminal.wait("any key ends this")
        terminal.keys("q")
        terminal.wait_last(PROMPT)
        assert "any key" not in terminal.text().split(f"{PROMPT} watch")[-1]
        terminal.line("watch 1 traces list")
        terminal.wait("any key ends this")
        terminal.keys("C-z")
        terminal.wait("Stopped")
        terminal.wait_last(SHELL_PROMPT)
        terminal.line("fg")
        terminal.wait("any key ends this")
        terminal.keys("C-c")
        terminal.wait_last(PROMPT)
        terminal.type("keys li")
        terminal.wait_last(f"{PROMPT} keys li")


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines():
    with TraceSource() as source, Terminal(80, 24, source.home) as terminal:
        terminal.line("clear; TERM=dumb routerone repl")
        terminal.wait_last(PROMPT)
        terminal.line("version")
        terminal.wait("routerone 0")
        terminal.line("nonsense")
        terminal.wait("there is no command")
        terminal.wait_last(PROMPT)
        terminal.line("exit")
        terminal.wait_last(SHELL_PROMPT)


# -- with a real daemon


def ask_on(connection, key):
    connection.request("POST", "/v1/chat/completions",
                       json.dumps({"model": "sandbox/echo", "messages": [{"role": "user", "content": "hi"}]}),
                       {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200


def ask(daemon, key):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
    ask_on(connection, key)
    connection.close()


def copy_trace(daemon, count):
    """So many requests as if they had been like the one there is, written while the daemon is down."""
    daemon.terminate()
    with contextlib.closing(sqlite3.connect(daemon.database)) as database, database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(traces)") if row[1] not in ("sequence", "id")]
        same = ", ".join(columns)
        database.execute("WITH RECURSIVE copies(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM copies WHERE n < ?) "
                         f"INSERT INTO traces (id, {same}) SELECT printf('{EPOCH_ID}%012x', n), {same} "
                         "FROM traces, copies", (count,))
    daemon.start()


def test_of_a_flood_from_a_daemon_no_line_is_lost_without_a_word_nor_what_is_typed_meanwhile():
    count, typed = 6_000, "keys show flood"
    with Daemon() as daemon:
        ask(daemon, daemon.create_key("flood"))
        daemon.wait_traces(1)
        copy_trace(daemon, count)
        with repl(daemon.home) as terminal:
            began = time.monotonic()
            terminal.line("tail since=1d")

            def all_came(_):
                type_and_edit(terminal, typed)
                return sum(told(terminal.all_rows())) >= count

            terminal.until(all_came, f"all {count} lines", lambda: sum(told(terminal.all_rows())))
            took = time.monotonic() - began
            type_and_edit(terminal, typed, "Enter")
            terminal.until(lambda rows: any(re.match("name +flood", row) for row in rows), "the key")
            terminal.wait_last(TAIL_PROMPT)
            shown, skipped = told(terminal.all_rows())
            assert shown + skipped == count
            terminal.line("untail")
            terminal.wait(f"{count} requests,")
            terminal.wait_last(PROMPT)
            assert history(daemon.home) == ["tail since=1d", typed, "untail"]
            print(f"{count / took:.0f} lines a second for {took:.1f} s, {skipped} of {count} skipped")


def test_the_tail_goes_on_after_the_daemon_was_restarted_without_loss_or_repeat():
    def lines(rows, key):
        return sum("sandbox/echo" in row and f" {key} " in row for row in rows)

    with Daemon() as daemon, repl(daemon.home) as terminal:
        warm, key = daemon.create_key("warm"), daemon.create_key("ci")
        terminal.line("tail status=200")
        terminal.wait_last(TAIL_PROMPT)
        terminal.type("keys list")
        # The first ones may be over before the tail has begun.
        terminal.until(lambda rows: lines(rows, "warm") or ask(daemon, warm), "a first line")
        ask(daemon, key)
        terminal.until(lambda rows: lines(rows, "ci") == 1, "one line")
        daemon.restart(kill=True)
        for _ in range(3):
            ask(daemon, key)
        terminal.until(lambda rows: lines(rows, "ci") == 4, "three more lines")
        terminal.wait_last(f"{TAIL_PROMPT} keys list")
        terminal.keys("Enter")
        terminal.wait("default")
        assert lines(terminal.screen(), "ci") == 4


def test_commands_have_the_terminal_to_themselves():
    with Daemon() as daemon, repl(daemon.home) as terminal:
        terminal.line("keys create gone --quiet")
        terminal.wait("sk-rk-")
        terminal.wait_last(PROMPT)
        terminal.line("keys revoke gone")
        terminal.wait("[y/N]")
        terminal.line("y")
        terminal.wait_last(PROMPT)
        assert not [key for key in daemon.control("/keys/list", {"all": False}) if key["name"] == "gone"]
        terminal.line("run -- sh -c 'read line; echo got $line from $((40 + 2))'")
        terminal.line("this")
        terminal.wait("got this from 42")
        terminal.wait_last(PROMPT)
        terminal.line("repl")
        terminal.wait("this is one already")


# -- history and scripts


def test_the_history_is_for_its_owner_alone_and_has_no_secret_in_it():
    with TraceSource() as source, repl(source.home) as terminal:
        secret = "sk-proj-Zk3v9Q1w8E7r6T5y4U3i2O1p"
        for line in ("version", f"keys show {secret}", "providers add x --key-from -", " version --json", "version",
                     "keys show laptop"):
            terminal.line(line)
            if line.endswith(" -"):
                terminal.wait_last(f"{PROMPT} {line}")
                terminal.keys("C-d")
            terminal.wait_last(PROMPT)
        terminal.keys("C-d")
        terminal.wait_last(SHELL_PROMPT)
        file = source.home / HISTORY
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert history(source.home) == ["version", "keys show laptop"]
        terminal.line("clear; routerone repl")
        terminal.wait_last(PROMPT)
        terminal.keys("Up")
        terminal.wait_last(f"{PROMPT} keys show laptop")
        terminal.keys("C-c")
        terminal.wait_last(PROMPT)
        terminal.keys("C-r")
        terminal.type("vers")
        terminal.wait("version")


def script(home, text, *words, **more):
    env = {name: value for name, value in os.environ.items() if not name.startswith("ROUTERONE_")}
    return subprocess.run([str(binary_dir() / "routerone"), "repl", *words], input=text, text=True, timeout=60,
                          capture_output=True, check=False, env={**env, "ROUTERONE_HOME": str(home)}, **more)


def test_a_script_ends_at_its_first_failure_with_its_exit_code():
    with TraceSource() as source:
        text = f"# a comment\n\nversion\ntraces show {EPOCH_ID}000000000001 --json\nkeys show nobody\nversion\n"
        done = script(source.home, text)
        assert done.returncode == 5, done
        assert done.stdout.count("routerone ") == 1 and f"{EPOCH_ID}000000000001" in done.stdout
        assert "line 5 of the script" in done.stderr
        done = script(source.home, text, "--keep-going")
        assert done.returncode == 5 and done.stdout.count("routerone ") == 2, done
        assert script(source.home, "version\n").returncode == 0
        assert script(source.home, "version 'open\nversion\n").returncode == 2
        assert script(source.home, "tail\n").returncode == 2
        assert script(source.home, "exit\nnonsense\n").returncode == 0
        assert script(source.home, "routerone version").stdout.startswith("routerone ")


def test_a_script_does_not_feed_its_lines_to_commands_nor_is_it_asked():
    with Daemon() as daemon:
        daemon.create_key("ci")
        done = script(daemon.home, "keys revoke ci\ny\n")
        assert done.returncode == 2 and "--yes" in done.stderr, done
        done = script(daemon.home, "run -- cat\nversion\n")
        assert done.returncode == 0 and "routerone " in done.stdout and "version" not in done.stdout, done


if __name__ == "__main__":
    wanted = sys.argv[1:]
    chosen = [case for case in cases.collect(globals()) if not wanted or any(word in case.__name__ for word in wanted)]
    sys.exit(cases.run("terminal", chosen))
