#!/usr/bin/env python3
"""Any SDK to any model: the scenarios of translation_facts, asked by each SDK of Node and by LangChain's
chat classes, and a loop of calls of each. Plays every loop and a part of the other cells, spread evenly;
`tours_test.py all` plays all, `tours_test.py WORD ..` those whose name holds each WORD."""
import contextlib
import sys
import zlib

from tour_langchain import LANGCHAIN_CALLERS
from tour_loop import run_loops
from tour_node import NODE_CALLERS, Node
from tour_vercel import VERCEL_CALLERS
from translation_matrix import Table, run_matrix
from translation_play import Stage

ONE_OF = 5


def chosen(words):
    if words == ["all"]:
        return lambda name: True
    if words:
        return lambda name: all(word in name for word in words)
    return lambda name: name.startswith("loop") or zlib.crc32(name.encode()) % ONE_OF == 0


def main(words):
    table = Table()
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        node = stack.enter_context(Node(stage.daemon, stage.key))
        clients = [make(node) for make in (*NODE_CALLERS, *VERCEL_CALLERS)]
        clients += [make(stage.daemon, stage.key) for make in LANGCHAIN_CALLERS]
        for run in (run_loops, run_matrix):
            run(stage, clients, chosen(words), table)
    table.show_clients()
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
