"""Every scenario and every error of translation_facts, asked by each client of a provider of every
dialect, whole and streamed; and the table of what came of it."""
import collections
import os
import traceback

from scenario import DIALECTS, load, load_errors
from translation_play import SHORT, is_untranslated, play, play_error

OK, FAILED, ABSENT, SKIPPED = "ok", "FAILED", "not there yet", "not applicable"
SIGNS = {OK: "ok", FAILED: "FAIL", ABSENT: "none", SKIPPED: "-"}


class Table:
    """Words by scenario and by (client, provider, streamed)."""

    def __init__(self):
        self.cells, self.reasons = {}, collections.Counter()

    def put(self, row, column, word, why=""):
        self.cells.setdefault(row, {})[column] = word
        if why:
            self.reasons[column[0], word, why] += 1

    @property
    def failed(self):
        return any(word == FAILED for cells in self.cells.values() for word in cells.values())

    def show(self):
        """A line a scenario, a column a client and provider: what came whole / streamed."""
        columns = list(dict.fromkeys(column[:2] for cells in self.cells.values() for column in cells))
        width = max(map(len, self.cells), default=0)
        names = [f"{client}>{SHORT[provider]}" for client, provider in columns]
        print(" " * width + "  " + "  ".join(names))
        for row, cells in self.cells.items():
            line = []
            for name, column in zip(names, columns):
                both = [SIGNS[cells.get((*column, stream), SKIPPED)] for stream in (False, True)]
                line.append((both[0] if both[0] == both[1] else "/".join(both)).ljust(len(name)))
            print(row.ljust(width), " ", "  ".join(line))
        self.show_reasons((ABSENT,))
        self.show_count()

    def show_clients(self):
        """A line a client, a column a provider: how many cells came to what."""
        counts = collections.defaultdict(collections.Counter)
        for cells in self.cells.values():
            for (client, provider, _), word in cells.items():
                counts[client, provider][word] += 1
        clients = list(dict.fromkeys(client for client, _ in counts))
        width = max(map(len, clients), default=0)
        print(" " * width, "".join(SHORT[provider].ljust(28) for provider in DIALECTS))
        for client in clients:
            words = [", ".join(f"{number} {SIGNS[word]}" for word, number in counts[client, provider].items())
                     for provider in DIALECTS]
            print(client.ljust(width), "".join(word.ljust(28) for word in words))
        self.show_reasons((ABSENT, SKIPPED))
        self.show_count()

    def show_reasons(self, words):
        grouped = collections.defaultdict(dict)
        for (client, word, why), number in self.reasons.items():
            if word in words:
                grouped[word, why][client] = number
        for (word, why), clients in grouped.items():
            whose = "" if len(clients) > 5 else f" ({', '.join(clients)})"
            print(f"{sum(clients.values())} {word}{whose}: {why}")

    def show_count(self):
        count = collections.Counter(word for cells in self.cells.values() for word in cells.values())
        print(", ".join(f"{number} {word}" for word, number in count.items()))


def run_matrix(stage, clients, wanted, table):
    """`wanted(name)`: whether a cell of this name is played."""
    for client in clients:
        for scenario in load():
            run_row(stage, client, scenario.name, wanted, table,
                    lambda upstream, stream, s=scenario: why_not(s, client, upstream, stream),
                    lambda upstream, stream, s=scenario: play(client, upstream, s, stream))
        for error in load_errors():
            run_row(stage, client, f"error {error.get('name', error['status'])}", wanted, table,
                    lambda upstream, _: client.dialect == upstream.dialect and "passed on as it is",
                    lambda upstream, stream, e=error: play_error(stage, client, upstream, e, stream))


def why_not(scenario, client, upstream, stream):
    return (scenario.skipped(client.dialect, upstream.dialect, stream)
            or client.cannot(scenario, upstream.dialect, stream))


def run_row(stage, client, row, wanted, table, skipped, play_it):
    for dialect in DIALECTS:
        for stream in (False, True):
            column, upstream = (client.name, dialect, stream), stage.providers.get(dialect)
            name = f"{row}: {client.name} of {SHORT[dialect]}, {'streamed' if stream else 'whole'}"
            if not wanted(name):
                continue
            if upstream is None:
                table.put(row, column, ABSENT, stage.missing[dialect])
            elif why := skipped(upstream, stream):
                table.put(row, column, SKIPPED, why)
            else:
                run_cell(name, row, column, table, lambda u=upstream, s=stream: play_it(u, s))


def run_cell(name, row, column, table, play_it):
    try:
        play_it()
        table.put(row, column, OK)
    except Exception as error:  # whatever it is, the next cell is still played
        if is_untranslated(error):
            return table.put(row, column, ABSENT, "not translated")
        table.put(row, column, FAILED)
        print(f"FAILED  {name}: {brief(error)}", flush=True)


def brief(error):
    if os.environ.get("E2E_VERBOSE"):
        return "".join(traceback.format_exception(error))
    return f"{type(error).__name__}: {str(error)[:1500]}"
