#!/usr/bin/env python3
"""Any dialect to any model: every scenario of translation_facts, asked in every dialect by its official
SDK, of a provider of every dialect, whole and streamed. `translation_test.py [WORD ..]` plays only cells
whose name holds each WORD."""
import collections
import contextlib
import json
import os
import sys
import traceback
import zlib

import anthropic
import dialect_callers
import openai
from daemon import ControlError, Daemon
from dialect_callers import CALLERS, HIGHEST
from dialect_providers import DialectProvider, KEY
from scenario import CHAT, DIALECTS, GEMINI, MESSAGES, RESPONSES, load, load_errors, ordered
from stream_checks import CHECKS

SHORT = {CHAT: "chat", RESPONSES: "responses", MESSAGES: "messages", GEMINI: "gemini"}
OK, FAILED, ABSENT, SKIPPED = "ok", "FAILED", "not there yet", "-"


class NotThere(Exception):
    """The daemon does not translate this yet."""


class Stage:
    """A daemon, a provider and a caller a dialect."""

    def __init__(self, stack):
        self.daemon = stack.enter_context(Daemon())
        self.key = self.daemon.create_key("translation")
        self.providers, self.callers, self.missing = {}, {}, {}
        for dialect in DIALECTS:
            provider = stack.enter_context(DialectProvider(dialect))
            try:
                self.add(dialect, provider, SHORT[dialect])
                self.providers[dialect] = provider
            except ControlError as error:
                self.missing[dialect] = str(error)
            if dialect == GEMINI and dialect_callers.genai is None:
                self.missing[dialect] = "google-genai is not installed"
            elif dialect in self.providers:
                self.callers[dialect] = CALLERS[dialect](self.daemon, self.key)

    def add(self, dialect, provider, name):
        self.daemon.add_provider(name, provider.base, dialect, provider.auth, KEY)


def play(stage, scenario, caller, provider, stream):
    upstream, client = stage.providers[provider], stage.callers[caller]
    upstream.play(scenario, caller, zlib.crc32(f"{scenario.name}{caller}{provider}".encode()))
    model = f"{SHORT[provider]}/{scenario.model(provider, upstream.speaks.MODEL)}"
    if scenario.cut or scenario.fails_after is not None:
        return play_failure(scenario, client, upstream, model, stream)
    try:
        seen, asked = client.ask(scenario, model, stream)
        check(scenario, caller, provider, stream, seen, client, model)
        if scenario.again:
            asked = client.again(asked, seen, scenario.facts["result"])
            seen = (client.streamed if stream else client.whole)(asked)
            check(scenario, caller, provider, stream, seen, client, model)
            assert len(upstream.bodies) == 2, "the provider was not asked twice"
    finally:
        assert not upstream.problems, "the provider would have refused:\n" + "\n".join(upstream.problems)
    return None


def check(scenario, caller, provider, stream, seen, client, model):
    told = scenario.told(caller, provider)
    said, _ = client.received
    about = f"\nof these bytes:\n{said.decode(errors='replace')[-6000:]}"
    for name in ("text", "thinking", "refusal", "stop"):
        got, due = getattr(seen, name), getattr(told, name)
        assert got == due, f"{name}: {got!r} instead of {due!r}{about}"
    assert told.order is None or seen.order == told.order, f"order: {seen.order} instead of {told.order}{about}"
    check_calls(scenario, caller, provider, seen, told, about)
    check_usage(seen, told, about)
    if caller != provider:
        check_numbers(seen.raw_usage, about)
        assert seen.model == model, f"model: {seen.model!r} instead of {model!r}"
    if stream and (caller != provider or "said" not in scenario.facts):
        try:
            CHECKS[caller](said)
        except AssertionError as error:
            raise AssertionError(f"not a legal stream: {error}{about}") from error


def check_calls(scenario, caller, provider, seen, told, about):
    due = [part for part in scenario.answer if "call" in part]
    assert [name for _, name, _ in seen.calls] == [name for name, _ in told.calls], f"calls: {seen.calls}{about}"
    for (call, _, arguments), part, (_, wanted) in zip(seen.calls, due, told.calls):
        assert provider == GEMINI or call == part["call"], f"call id {call!r} instead of {part['call']!r}{about}"
        if "input" in part:
            assert arguments == wanted, f"{arguments!r} instead of {wanted!r}{about}"
        elif part.get("partial"):
            assert not isinstance(arguments, str) or arguments == wanted, f"{arguments!r}{about}"
        elif isinstance(arguments, str):
            passed_on = part.get("nothing") and not arguments and caller == provider
            assert passed_on or ordered(arguments) == ordered(wanted), f"{arguments} instead of {wanted}{about}"
        else:
            assert arguments == json.loads(wanted), f"{arguments} instead of {wanted}{about}"


def check_usage(seen, told, about):
    if told.usage is not None:
        assert seen.usage == told.usage, f"usage: {seen.usage} instead of {told.usage}{about}"
    for name, value in (told.raw_usage or {}).items():
        got = seen.raw_usage.get(name)
        same = value.items() <= (got or {}).items() if isinstance(value, dict) else got == value
        assert same, f"usage.{name}: {got!r} instead of {value!r}{about}"


def check_numbers(usage, about):
    for name, number in numbers_of(usage):
        assert 0 <= number < HIGHEST, f"usage.{name} is {number}{about}"


def numbers_of(usage):
    for name, value in usage.items():
        if isinstance(value, dict):
            yield from numbers_of(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield name, value


def play_failure(scenario, client, upstream, model, stream):
    """Nothing looks like success: the SDK raises, and what it saw before is a beginning of the truth."""
    try:
        seen, _ = client.ask(scenario, model, stream)
    except (openai.APIError, anthropic.APIError, *gemini_errors()) as error:
        status = client.tap.exchanges[-1].status
        if is_untranslated(error):
            raise
        assert scenario.fails_after != 0 or status in (503, 529), f"{type(error)} with {status}"
        assert status >= 500 or stream, error
    else:
        raise AssertionError(f"a failed answer came out as {seen}")
    assert not upstream.problems, upstream.problems
    if stream and scenario.fails_after != 0 and client.dialect != upstream.dialect:
        CHECKS[client.dialect](client.received[0], ended=False)


def gemini_errors():
    genai = dialect_callers.genai
    return (genai.errors.APIError,) if genai else ()


def play_error(stage, error, caller, provider, stream):
    """`error` of provider_errors, at a provider that fails for the first time."""
    upstream, client = stage.providers[provider], stage.callers[caller]
    name = f"e{error.get('name', error['status'])}-{SHORT[caller]}-{SHORT[provider]}-{'s' if stream else 'w'}"
    stage.add(provider, upstream, name)
    words = error.get("message") or error["says"][provider]
    upstream.fail(error["status"], words, error.get("retry_after"), error.get("code"))
    scenario = next(one for one in load() if one.name == "plain")
    due = error["told"][caller]
    try:
        seen, _ = client.ask(scenario, f"{name}/{scenario.model(provider, upstream.speaks.MODEL)}", stream)
    except (openai.APIStatusError, anthropic.APIStatusError) as raised:
        if is_untranslated(raised):
            raise
        kinds = error["raises"]
        kind = kinds if isinstance(kinds, str) else kinds.get(caller, kinds["others"])
        assert kind in [base.__name__ for base in type(raised).__mro__], f"{type(raised)} instead of {kind}"
        status, head = raised.status_code, raised.response.headers
        message = f"{raised} {getattr(raised, 'code', '')}"
    except gemini_errors() as raised:
        status, message, head = raised.code, str(raised), raised.response.headers
    else:
        raise AssertionError(f"an error came out as {seen}")
    assert status == due, f"status {status} instead of {due}: {message}"
    assert not error.get("passed_on") or error["message"] in message, message
    assert error.get("hears", {}).get(caller, "") in message, f"{message!r} does not say {error['hears'][caller]!r}"
    if "retry_after" in error:
        assert head["retry-after"] == str(error["retry_after"]), dict(head)
    assert not upstream.problems, upstream.problems


class Table:
    def __init__(self):
        self.cells, self.reasons, self.failures = {}, {}, []

    def put(self, row, column, word, why=""):
        self.cells.setdefault(row, {})[column] = word
        if word in (ABSENT, SKIPPED):
            self.reasons.setdefault((word, why), []).append((row, column))

    def show(self, columns):
        width = max(map(len, self.cells), default=0)
        names = [f"{SHORT[caller]}>{SHORT[provider]}" for caller, provider in columns]
        print(" " * width + "  " + "  ".join(names))
        sign = {OK: "ok", FAILED: "FAIL", ABSENT: "none", SKIPPED: "-"}
        for row, cells in self.cells.items():
            line = []
            for name, column in zip(names, columns):
                both = [sign[cells.get((*column, stream), SKIPPED)] for stream in (False, True)]
                line.append((both[0] if both[0] == both[1] else "/".join(both)).ljust(len(name)))
            print(row.ljust(width), " ", "  ".join(line))
        for (word, why), cells in self.reasons.items():
            if word == ABSENT:
                print(f"{len(cells)} cells {word}: {why}")
        count = collections.Counter(word for cells in self.cells.values() for word in cells.values())
        print(", ".join(f"{number} {word if word != SKIPPED else 'that do not exist'}"
                        for word, number in count.items()))


def absent(stage, caller, provider):
    return next((f"{SHORT[one]}: {stage.missing[one]}" for one in (caller, provider) if one in stage.missing), None)


def is_untranslated(error):
    return any(words in str(error) for words in ("speaks another dialect", "is not translated"))


def run_cell(stage, table, row, column, wanted, play_it):
    caller, provider, stream = column
    name = f"{row}: {SHORT[caller]} of {SHORT[provider]}, {'streamed' if stream else 'whole'}"
    if not all(word in name for word in wanted):
        return
    if why := absent(stage, caller, provider):
        return table.put(row, column, ABSENT, why)
    try:
        play_it()
        table.put(row, column, OK)
    except Exception as error:  # whatever it is, the next cell is still played
        if is_untranslated(error):
            return table.put(row, column, ABSENT, f"{SHORT[caller]} or {SHORT[provider]} is not translated")
        table.put(row, column, FAILED)
        print(f"FAILED  {name}: {brief(error)}", flush=True)


def brief(error):
    if os.environ.get("E2E_VERBOSE"):
        return "".join(traceback.format_exception(error))
    return f"{type(error).__name__}: {str(error)[:1500]}"


def main(wanted):
    table = Table()
    pairs = [(caller, provider) for caller in DIALECTS for provider in DIALECTS]
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        for scenario in load():
            for caller, provider in pairs:
                for stream in (False, True):
                    column = (caller, provider, stream)
                    if why := scenario.skipped(*column):
                        table.put(scenario.name, column, SKIPPED, why)
                        continue
                    run_cell(stage, table, scenario.name, column, wanted,
                             lambda s=scenario, c=column: play(stage, s, *c))
        for error in load_errors():
            for caller, provider in pairs:
                for stream in (False, True):
                    if caller != provider:
                        column = (caller, provider, stream)
                        run_cell(stage, table, f"error {error.get('name', error['status'])}", column, wanted,
                                 lambda e=error, c=column: play_error(stage, e, *c))
    table.show(pairs)
    return 1 if any(word == FAILED for cells in table.cells.values() for word in cells.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
