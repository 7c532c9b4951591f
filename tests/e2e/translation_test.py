#!/usr/bin/env python3
"""Any dialect to any model: every scenario of translation_facts, asked in every dialect by its official
SDK, of a provider of every dialect, whole and streamed. `translation_test.py [WORD ..]` plays only cells
whose name holds each WORD."""
import contextlib
import sys

from dialect_callers import CALLERS
from translation_matrix import Table, run_matrix
from translation_play import Stage


def main(words):
    table = Table()
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        clients = [make(stage.daemon, stage.key) for make in CALLERS]
        run_matrix(stage, clients, lambda name: all(word in name for word in words), table)
    table.show()
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
