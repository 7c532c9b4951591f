#!/usr/bin/env python3
"""Our translations beside those of another gateway: of the same recorded requests, and of what the real
providers answered to them. `second_opinion_test.py [WORD ..]`, WORD of a case's name. Where we differ, a
table says why; it is an opinion, not a rule."""
import collections
import contextlib
import json
import sys

import cases
from daemon import Daemon
from dialect_providers import AUTH, KEY, SPEAKS
from raw_caller import Caller
from recorded import folder
from recorded_answers import WHOLE
from scenario import CHAT, DIALECTS, GEMINI, MESSAGES, RESPONSES
from tcp_provider import TcpProvider, json_answer
from translated_requests_test import PATHS, conversation
from translation_play import SHORT

WORDS = sys.argv[1:]


def opinions():
    """Each row: a request in `source`, what the other one sends to `target`, what came back."""
    file = folder() / "parallel" / "translations.jsonl"
    if not file.exists():
        raise cases.Skipped("there are no translations beside the recordings")
    for line in file.read_text().splitlines():
        row = json.loads(line)
        if all(word in row["case"] for word in WORDS):
            yield row


class Stage:
    """A daemon whose providers say `answer` and keep what they were sent."""

    def __init__(self, stack):
        self.answer, self.got = b"", None
        provider = stack.enter_context(TcpProvider(self.script))
        self.daemon = stack.enter_context(Daemon())
        for dialect in DIALECTS:
            self.daemon.add_provider(SHORT[dialect], provider.base, dialect, AUTH[dialect], KEY)
        self.caller = Caller(self.daemon, self.daemon.create_key("opinions"))
        stack.callback(self.caller.close)

    def script(self, connection):
        while request := connection.read_request():
            self.got = json.loads(request.partition(b"\r\n\r\n")[2])
            connection.send(json_answer(self.answer))

    def ask(self, row):
        """The status and the answer of a whole exchange."""
        source, target, theirs = row["source"], row["target"], row["lingua_target_request"]
        request = json.loads((folder() / row["source_request_file"]).read_bytes())
        model = f"{SHORT[target]}/{theirs.get('model') or SPEAKS[target].MODEL}"
        self.answer, self.got = json.dumps(row["real_target_response"]).encode(), None
        request = {name: value for name, value in request.items() if name not in ("stream", "stream_options")}
        path = PATHS.get(source) or f"/v1beta/models/{model}:generateContent"
        if source == GEMINI:
            request.pop("model", None)
        else:
            request["model"] = model
        self.caller.send(source, json.dumps(request).encode(), path)
        return self.caller.read()


def plain(theirs, target):
    """Without what says nothing."""
    if target == GEMINI:
        theirs = SPEAKS[GEMINI].spelled(theirs)
    return {name: value for name, value in theirs.items() if value not in (None, [], {})}


def settings(body, target):
    """Fields beside the conversation, with the members of those that hold others."""
    out = {}
    for name, value in body.items():
        if name in ("messages", "input", "contents", "system", "systemInstruction", "instructions", "model"):
            continue
        if isinstance(value, dict):
            out.update({f"{name}.{inner}": each for inner, each in value.items() if each not in (None, [], {})})
        else:
            out[name] = value
    if "tools" in out:
        out["tools"] = sorted(tool[0] for tool in SPEAKS[target].read_tools(
            {"tools": [tool for tool in out["tools"] if is_function(tool)]}))
    return out


def is_function(tool):
    return "name" in tool and tool.get("type", "function") in ("function", "custom") or tool.get(
        "type") == "function" or "functionDeclarations" in tool


INSTRUCTIONS = "they lose Gemini's systemInstruction"
SCHEMA = "ours goes unchanged; they close every object and lose what they do not know"
AUTO = "choosing freely is the default: only one of us says it"
# (target, field): why ours is another than theirs, or only one of us has it.
WHY = {
    ("chat", "conversation"): INSTRUCTIONS,
    ("chat", "max_completion_tokens"): "a model that does not think is told max_tokens",
    ("chat", "max_tokens"): "a model that does not think is told max_tokens",
    ("chat", "reasoning_effort"): "a budget is a level by our table; thinking that is off is the lowest level",
    ("chat", "response_format.json_schema"): SCHEMA,
    ("chat", "seed"): "they lose it",
    ("chat", "tool_choice"): AUTO,
    ("gemini", "conversation"): "a later instruction stays where it is, marked; they move it to the top",
    ("gemini", "generationConfig.presencePenalty"): "they lose it",
    ("gemini", "generationConfig.responseJsonSchema"): SCHEMA,
    ("gemini", "generationConfig.seed"): "they lose it",
    ("gemini", "generationConfig.thinkingConfig"): "no thinking is the lowest level; they say none, or visible",
    ("gemini", "refused"): "images by address, a mode and log probabilities that Gemini has not",
    ("gemini", "toolConfig.functionCallingConfig"): "VALIDATED where every tool is strict; AUTO goes unsaid",
    ("gemini", "tools"): "they lose tools that take bare text",
    ("messages", "answer's calls"): "they asked for a tool in place of JSON, and its call was recorded",
    ("messages", "answer's stop"): "they asked for a tool in place of JSON, and its call was recorded",
    ("messages", "answer's text"): "they asked for a tool in place of JSON, and its call was recorded",
    ("messages", "conversation"): INSTRUCTIONS,
    ("messages", "max_tokens"): "not said, it is the model's own maximum; theirs is 4096",
    ("messages", "output_config.format"): "what cannot be enforced goes into the description; they lose it",
    ("messages", "refused"): "a mode and log probabilities that Messages has not",
    ("messages", "thinking.budget_tokens"): "levels are other numbers; theirs was once refused for its max_tokens",
    ("messages", "thinking.display"): "who asks for a summary sees it",
    ("messages", "thinking.type"): "an effort needs thinking where it is not the default; none goes unsaid",
    ("messages", "tool_choice.name"): "they ask for a tool in place of JSON",
    ("messages", "tool_choice.type"): AUTO + "; they ask for a tool in place of JSON",
    ("messages", "tools"): "they ask for a tool in place of JSON",
    ("responses", "answer's stop"): "we cut at stop sequences, which Responses does not know; they do not",
    ("responses", "answer's text"): "we cut at stop sequences, which Responses does not know; they do not",
    ("responses", "conversation"): INSTRUCTIONS,
    ("responses", "include"): "the state of thinking is always asked for, so that it can come back",
    ("responses", "reasoning.effort"): "a budget is a level by our table; none only where the model knows it",
    ("responses", "reasoning.summary"): "thinking that nobody can read is asked for as a summary",
    ("responses", "store"): "nothing is kept there that the caller did not ask to keep",
    ("responses", "text.format"): SCHEMA,
    ("responses", "tool_choice"): AUTO}


class Play:
    def __init__(self):
        self.counts, self.differ, self.failures = collections.Counter(), collections.defaultdict(list), 0

    def note(self, row, field, ours, theirs):
        key = (SHORT[row["target"]], field)
        self.differ[key].append((row["case"], SHORT[row["source"]], repr(ours)[:200], repr(theirs)[:200]))

    def request(self, row, got):
        target = row["target"]
        ours, theirs = plain(got, target), plain(row["lingua_target_request"], target)
        said = [conversation(SPEAKS[target], body) for body in (ours, theirs)]
        if None in said:
            self.counts["conversations not compared"] += 1
        elif said[0] != said[1]:
            self.note(row, "conversation", *said)
        mine, other = settings(ours, target), settings(theirs, target)
        for field in sorted(set(mine) | set(other)):
            if mine.get(field) != other.get(field):
                self.note(row, field, mine.get(field), other.get(field))
        self.counts["requests"] += 1

    def answer(self, row, body):
        theirs = row["lingua_source_response"]
        if not theirs:
            return
        ours, other = WHOLE[row["source"]](json.loads(body)), WHOLE[row["source"]](theirs)
        for name in ("text", "thinking", "refusal", "stop", "usage"):
            if getattr(ours, name) != getattr(other, name):
                self.note(row, f"answer's {name}", getattr(ours, name), getattr(other, name))
        calls = [[(name, json.loads(given or "{}")) for _, name, given in one.calls] for one in (ours, other)]
        if calls[0] != calls[1]:
            self.note(row, "answer's calls", *calls)
        self.counts["answers"] += 1


def test_second_opinion():
    """our translations are another gateway's, or the table says why not"""
    play = Play()
    rows = list(opinions())
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        for row in rows:
            got = stage.ask(row)
            if got.status == 200:
                play.request(row, stage.got)
                play.answer(row, got.body)
            elif "error" in row["real_target_response"]:
                play.counts["refused by their provider"] += 1
            else:
                play.note(row, "refused", json.loads(got.body)["error"]["message"], "taken")
    print(f"        {dict(play.counts)}")
    unexplained = 0
    for key, found in sorted(play.differ.items()):
        why = WHY.get(key)
        unexplained += not why
        print(f"        {key[0]}: {key[1]} differs {len(found)} times: {why or found[:6]}")
    assert not unexplained, f"{unexplained} differences are not explained"
    assert WORDS or set(WHY) == set(play.differ), f"no longer: {set(WHY) - set(play.differ)}"


if __name__ == "__main__":
    sys.exit(cases.run("second opinion", cases.collect(globals())))
