#!/usr/bin/env python3
"""What `init` and `up` ask a person: about keys of providers, agents and a port that another program has, in real
terminals of three sizes, whose screens are compared; and what comes of the answers."""
import contextlib
import socket
import sys

import cases
from command_home import home, port_of
from daemon import Daemon, binary_dir
from ports import unused_port
from tmux_terminal import SHELL_PROMPT, SIZES, Terminal, compare_screen


@contextlib.contextmanager
def taken_port():
    """One of another program."""
    with socket.create_server(("127.0.0.1", unused_port())) as holder:
        yield holder.getsockname()[1]


def programs(folder, *names):
    """A PATH with these, and ours, and what every machine has."""
    folder.mkdir()
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return f"{binary_dir()}:{folder}:/usr/bin:/bin"


def test_init_asks_and_leads_to_a_first_answer_at_three_sizes():
    for columns, rows in SIZES:
        variable = {"OPENAI_API_KEY": "sk-nobodys-0123456789abcdef", "PATH": f"{binary_dir()}:/usr/bin:/bin"}
        with Daemon() as daemon, Terminal(columns, rows, daemon.home, variable) as terminal:
            terminal.line("clear; routerone init --no-setup")
            terminal.wait("[y/N]")
            compare_screen(terminal, "init_asks", "-J")
            terminal.line("n")
            terminal.wait_last(SHELL_PROMPT)
            compare_screen(terminal, "init", "-J")
            traces = daemon.wait_traces(1)
            assert [(trace["model"], trace["status"]) for trace in traces] == [("sandbox/echo", 200)]
            assert not [each for each in daemon.control("/providers/list", {"all": False}) if each["id"] == "openai"]


def test_init_asks_about_a_taken_port_and_about_each_agent_it_finds_at_three_sizes():
    for columns, rows in SIZES:
        with taken_port() as port, home() as own:
            env = {"PATH": programs(own.path / "bin", "claude", "codex"), "ROUTERONE_LISTEN": f"127.0.0.1:{port}"}
            with Terminal(columns, rows, own.path, env) as terminal:
                terminal.line("clear; routerone init")
                terminal.wait_question("instead?")
                compare_screen(terminal, "init_port", "-J")
                terminal.line("y")
                terminal.wait_question("codex's configuration?")
                compare_screen(terminal, "init_codex", "-J")
                terminal.line("n")
                terminal.wait_question("claude's configuration?")
                compare_screen(terminal, "init_claude", "-J")
                terminal.line("y")
                terminal.wait_last(SHELL_PROMPT)
                compare_screen(terminal, "init_set_up", "-J")
                there = port_of(own.status())
                assert there != port
                assert f"127.0.0.1:{there}" in (terminal.folder / ".claude/settings.json").read_text()
                assert not (terminal.folder / ".codex").exists()


def test_up_offers_the_next_free_port_where_its_own_is_taken_at_three_sizes():
    for columns, rows in SIZES:
        with taken_port() as port, home() as own, Terminal(columns, rows, own.path) as terminal:
            for answer, code in (("n", 1), ("y", 0)):
                terminal.line(f"clear; routerone up --listen 127.0.0.1:{port}; echo it ended with $?")
                terminal.wait_question("instead?")
                compare_screen(terminal, "up_port", "-J")
                terminal.line(answer)
                terminal.wait(f"it ended with {code}")
                terminal.wait_last(SHELL_PROMPT)
                compare_screen(terminal, f"up_port_{answer}", "-J")
                own.cli("status", code=0 if answer == "y" else 3)
            there = port_of(own.status())
            assert there > port
            own.cli("down")
            own.cli("up")  # nobody is asked again: it was remembered
            assert port_of(own.status()) == there


if __name__ == "__main__":
    sys.exit(cases.run("terminal asks", cases.collect(globals())))
