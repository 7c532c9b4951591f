#!/usr/bin/env python3
"""The table of agents: agent x dialect of the provider x case. Started by table.sh, in a network of its
own that has nothing but loopback."""
import argparse
import collections
import concurrent.futures
import contextlib
import dataclasses
import pathlib
import signal
import sys
import time
import tomllib
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from agents import ALL, INSTALLED, SHORT  # noqa: E402
from parts import CASES  # noqa: E402
from scenario import DIALECTS  # noqa: E402
from stage import Stage  # noqa: E402

AT_ONCE = 2  # agents are heavy
LOGS = INSTALLED / "logs"


@dataclasses.dataclass
class Cell:
    agent: object
    dialect: str
    case: type
    wrong: list = dataclasses.field(default_factory=list)
    tries: int = 0
    seconds: float = 0.0
    story: str = ""
    limit: dict | None = None
    at_first: list = dataclasses.field(default_factory=list)  # what was wrong before it was played again

    @property
    def name(self):
        return f"{self.agent.name} > {SHORT[self.dialect]}: {self.case.name}"

    @property
    def word(self):
        if self.limit:
            return "limit"
        return "FAIL" if self.wrong else "again" if self.at_first else "ok"

    def play(self, limits):
        """Agents have moods: what went wrong for no known cause is played once more, and both are told."""
        self.play_once("")
        limits.judge(self)
        if self.wrong and not self.limit:
            self.at_first = self.wrong
            self.play_once("-again")
            limits.judge(self)
        return self

    def play_once(self, mark):
        try:
            self.play_case(self.case())
        except Exception as error:  # whatever it is, the next cell is still played
            self.wrong, self.story = [f"{type(error).__name__}: {error}"], traceback.format_exc()
        log = f"{self.agent.name}-{SHORT[self.dialect]}-{self.case.name}{mark}.txt".replace(" ", "-")
        (LOGS / log).write_text("\n".join([self.name, self.story, *self.wrong, ""]))

    def play_case(self, case):
        with contextlib.ExitStack() as stack:
            stage = Stage(stack, self.agent, self.dialect, case.parts(), case.price)
            case.stage = stage
            case.play(stage)
            self.wrong = list(case.judge(stage))
            self.tries, self.seconds, self.story = len(stage.traces()), stage.seconds, stage.story()


class Limits:
    """What is known not to work, for a cause that is not ours: limits.toml. One that holds no longer is
    a failure too, so that the file stays true."""

    def __init__(self):
        self.all = tomllib.loads((pathlib.Path(__file__).parent / "limits.toml").read_text()).get("limit", [])
        self.met = collections.defaultdict(list)

    def judge(self, cell):
        for limit in self.all:
            if (cell.agent.name in limit["agents"] and SHORT[cell.dialect] in limit["targets"]
                    and cell.case.name in limit["cases"]):
                self.apply(limit, cell)

    def apply(self, limit, cell):
        if not cell.wrong:
            cell.wrong.append(f"works, although limits.toml says: {limit['why']}")
        elif all(limit["says"] in wrong for wrong in cell.wrong):
            cell.limit = limit
            self.met[limit["why"]].append(cell.name)


def wanted_cells(wish):
    for agent in ALL:
        for dialect in DIALECTS:
            if agent.way != "run" and dialect != agent.dialect:
                continue
            for case in CASES:
                if wish.ci and not (dialect == agent.dialect or dialect == agent.other and case.in_ci):
                    continue
                if (case.suits(agent) and (not wish.agent or agent.name in wish.agent)
                        and (not wish.target or SHORT[dialect] in wish.target)
                        and (not wish.case or case.name in wish.case)):
                    yield Cell(agent, dialect, case)


def show(cells):
    """A line an agent and dialect, a column a case: verdict, requests, seconds."""
    names = [case.name for case in CASES if any(cell.case is case for cell in cells)]
    rows = collections.defaultdict(dict)
    for cell in cells:
        rows[f"{cell.agent.name} > {SHORT[cell.dialect]}"][cell.case.name] = (
            f"{cell.word} {cell.tries} {cell.seconds:.1f}s")
    width = max(map(len, rows), default=0)
    print(" " * width, *(name.ljust(14) for name in names))
    for row, words in rows.items():
        print(row.ljust(width), *(words.get(name, "-").ljust(14) for name in names))


def main():
    # What a shell starts in the background ignores SIGINT, and so would the agents: opencode keeps to that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="table.sh")
    parser.add_argument("ci", nargs="?", choices=["ci"], help="each agent's own dialect, and what differs most in one other")
    for name, choices in (("agent", [agent.name for agent in ALL]), ("target", list(SHORT.values())),
                          ("case", [case.name for case in CASES])):
        parser.add_argument(f"--{name}", action="append", choices=choices)
    LOGS.mkdir(parents=True, exist_ok=True)
    began, limits, cells = time.monotonic(), Limits(), []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for cell in pool.map(lambda cell: cell.play(limits), wanted_cells(parser.parse_args())):
            cells.append(cell)
            print(f"{cell.word:5} {cell.name} ({cell.tries} tries, {cell.seconds:.1f} s)", flush=True)
            for wrong in cell.at_first + (cell.wrong if cell.word == "FAIL" else []):
                print("      " + wrong[:600], flush=True)
    print()
    show(cells)
    for why, names in limits.met.items():
        print(f"limit of {len(names)}: {why}")
    failed = [cell.name for cell in cells if cell.word == "FAIL"]
    print(f"{len(cells)} cells, {len(failed)} failed, {time.monotonic() - began:.0f} s; logs in {LOGS}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
