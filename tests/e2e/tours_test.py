#!/usr/bin/env python3
"""Any SDK to any model: the scenarios of translation_facts, asked by each SDK of Node and by LangChain's
chat classes. `tours_test.py [WORD ..]` plays only cells whose name holds each WORD."""
import contextlib
import sys

from tour_langchain import LANGCHAIN_CALLERS
from tour_node import NODE_CALLERS, Node
from tour_vercel import VERCEL_CALLERS
from translation_matrix import Table, run_matrix
from translation_play import Stage


def main(words):
    table = Table()
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        node = stack.enter_context(Node(stage.daemon, stage.key))
        clients = [make(node) for make in (*NODE_CALLERS, *VERCEL_CALLERS)]
        clients += [make(stage.daemon, stage.key) for make in LANGCHAIN_CALLERS]
        run_matrix(stage, clients, lambda name: all(word in name for word in words), table)
    table.show_clients()
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
