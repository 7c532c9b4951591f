#!/usr/bin/env python3
"""Do the checkers of streams notice what is wrong? Every legal stream with one event left out, told
twice, or told too early must be refused, but for what no reader of the stream alone could know."""
import json
import re
import sys

import cases
import dialect_providers
from scenario import CHAT, DIALECTS, GEMINI, MESSAGES, RESPONSES, load
from stream_checks import CHECKS

# A piece of text can be lost, told twice or exchanged with its neighbour: only the facts know it.
PIECES = {
    CHAT: {"content", "reasoning_content", "refusal", "usage", "piece of a call"},
    RESPONSES: {"response.function_call_arguments.delta"},  # `done` says it all again
    MESSAGES: {"ping", "text_delta", "thinking_delta", "signature_delta", "input_json_delta"},
    GEMINI: {"text", "thought", "functionCall"}}


def streams(dialect):
    """Legal streams of a dialect, as lists of events."""
    for scenario in load():
        plain = not scenario.cut and scenario.fails_after is None and not scenario.unsaid_usage
        plain = plain and not scenario.skipped(None, dialect, True) and scenario.name != "long_stream"
        if plain and "said" not in scenario.facts:
            yield scenario, list(dialect_providers.SPEAKS[dialect].events(scenario))


def kind_of(dialect, event):
    found = re.search(r"^data: (\{.*)", event, re.M)
    data = json.loads(found[1]) if found else {}
    if dialect == CHAT:
        if not data or not data["choices"]:
            return "usage" if data else "[DONE]"
        choice = data["choices"][0]
        if calls := choice["delta"].get("tool_calls"):
            return "call" if "id" in calls[0] else "piece of a call"
        return choice["finish_reason"] or "role" * ("role" in choice["delta"]) or next(iter(choice["delta"]))
    if dialect == GEMINI:
        one = data["candidates"][0]
        part = one["content"]["parts"][0] if one["content"]["parts"] else {}
        return "end" if "finishReason" in one else "thought" if part.get("thought") else next(iter(part))
    delta = data.get("delta") if dialect == MESSAGES else None
    return (delta or {}).get("type") or data["type"]


def renumbered(events):
    """Responses: what is wrong must be noticed by more than a gap in the numbers."""
    return [re.sub(r'"sequence_number": \d+', f'"sequence_number": {n}', event) for n, event in enumerate(events)]


def refuses(dialect, events):
    stream = "".join(renumbered(events) if dialect == RESPONSES else events)
    try:
        CHECKS[dialect](stream.encode())
    except (AssertionError, KeyError, IndexError, ValueError, TypeError, AttributeError):
        return True
    return False


def test_legal():
    """every stream that a provider plays is legal"""
    for dialect in DIALECTS:
        for scenario, events in streams(dialect):
            assert not refuses(dialect, events), (dialect, scenario.name)


def mutants(dialect, scenario, events):
    kinds = [kind_of(dialect, event) for event in events]
    for n, event in enumerate(events):
        # A call without arguments is one event, and who is to know that it was there?
        if (kinds[n], scenario.name) != ("call", "no_argument_tool"):
            yield "lost", n, events[:n] + events[n + 1:]
        yield "twice", n, events[:n + 1] + events[n:]
        # Chat and Responses may have several parts open: only their first and last events have a place.
        if n and kinds[n - 1] != "ping" and (dialect == MESSAGES or n in (1, len(events) - 1)):
            yield "early", n, [*events[:n - 1], event, events[n - 1], *events[n + 1:]]


def test_mutants():
    """a stream with one event lost, told twice or told too early is refused"""
    unnoticed, count = {}, 0
    for dialect in DIALECTS:
        for scenario, events in streams(dialect):
            for how, n, mutant in mutants(dialect, scenario, events):
                count += 1
                kind = kind_of(dialect, events[n])
                if kind not in PIECES[dialect] and mutant != events and not refuses(dialect, mutant):
                    unnoticed.setdefault((dialect, how, kind), []).append((scenario.name, n))
    assert not unnoticed, "\n".join(f"{what}: {where}" for what, where in unnoticed.items())
    assert count > 1000, count


if __name__ == "__main__":
    sys.exit(cases.run("stream checks", cases.collect(globals())))
