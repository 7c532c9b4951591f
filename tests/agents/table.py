#!/usr/bin/env python3
"""The table of agents: agent x dialect of the provider x case. Started by table.sh, in a network of its
own that has nothing but loopback."""
import argparse
import concurrent.futures
import contextlib
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from agents import ALL, INSTALLED  # noqa: E402
from parts import CASES  # noqa: E402
from scenario import DIALECTS  # noqa: E402
from stage import Stage  # noqa: E402
from translation_play import SHORT  # noqa: E402

AT_ONCE = 2


def play(agent, dialect, case):
    """(what is wrong, requests, seconds, the story)"""
    case = case()
    with contextlib.ExitStack() as stack:
        stage = Stage(stack, agent, dialect, case.parts(), case.limits)
        case.stage = stage
        stage.start(case.prompt)
        try:
            case.meanwhile(stage)
        finally:
            stage.finish()
        return list(case.judge(stage)), len(stage.traces()), stage.seconds, stage.story()


def cell(agent, dialect, case):
    try:
        return play(agent, dialect, case)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"], 0, 0.0, traceback.format_exc()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agent", action="append")
    parser.add_argument("--target", action="append")
    parser.add_argument("--case", action="append")
    wish = parser.parse_args()
    cells = [(agent, dialect, case) for agent in ALL for dialect in DIALECTS for case in CASES
             if (not wish.agent or agent.name in wish.agent)
             and (not wish.target or SHORT[dialect] in wish.target)
             and (not wish.case or case.name in wish.case)]
    logs = INSTALLED / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = pool.map(lambda each: (each, cell(*each)), cells)
        for (agent, dialect, case), (wrong, tries, seconds, story) in results:
            name = f"{agent.name} > {SHORT[dialect]}: {case.name}"
            (logs / f"{agent.name}-{SHORT[dialect]}-{case.name}.txt".replace(" ", "-")).write_text(
                story + "\n" + "\n".join(wrong))
            word = "FAIL" if wrong else "ok"
            failed += bool(wrong)
            print(f"{word:5} {name}  {tries} tries, {seconds:.1f} s", *(f"\n      {one[:300]}" for one in wrong), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
