#!/usr/bin/env python3
"""Recorded requests of real callers, each sent to a provider of the other three dialects:
`translated_requests_test.py [WORD ..]`, WORD of the file's name, `to=DIALECT` or `verbose`. A provider
takes what arrives, and it is the recorded conversation; or the caller is told which field cannot go."""
import base64
import collections
import contextlib
import http.client
import json
import os
import re
import sys

import cases
from daemon import Daemon
from dialect_providers import KEY, DialectProvider
from recorded import entries
from scenario import CHAT, DIALECTS, GEMINI, MESSAGES, RESPONSES, canonical, load, one_text
from translation_limits import refusable
from translation_play import SHORT

WORDS = sys.argv[1:]
PATHS = {CHAT: "/v1/chat/completions", RESPONSES: "/v1/responses", MESSAGES: "/v1/messages"}
STREAMS = {False: "generateContent", True: "streamGenerateContent?alt=sse"}


class Recipient(DialectProvider):
    """Answers any request that its API would take; keeps what it was sent."""

    def problems_of(self, record):
        self.got = self.speaks.spelled(record.json()) if self.dialect == GEMINI else record.json()
        yield from self.speaks.refuses(self.got, again=self.signatures, translated=True)


class Stage:
    def __init__(self, stack):
        self.daemon = stack.enter_context(Daemon())
        self.key = self.daemon.create_key("requests")
        self.plain = next(one for one in load() if one.name == "plain")
        self.providers = {}
        for dialect in DIALECTS:
            provider = self.providers[dialect] = stack.enter_context(Recipient(dialect))
            self.daemon.add_provider(SHORT[dialect], provider.base, dialect, provider.auth, KEY)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=30)

    def send(self, source, request, target, stream=False):
        provider = self.providers[target]
        provider.play(self.plain, source, 0)
        provider.got = None
        provider.signatures = {detail.get("signature") for message in request.get("messages", [])
                               for detail in message.get("reasoning_details") or []}
        model = f"{SHORT[target]}/{provider.speaks.MODEL}"
        path = PATHS.get(source) or f"/v1beta/models/{model}:{STREAMS[stream]}"
        body = {**request, "model": model}
        if source == GEMINI:
            del body["model"]  # it stands in the path
        self.connection.request("POST", path, json.dumps(body, ensure_ascii=False).encode(), {
            "Authorization": f"Bearer {self.key}", "Content-Type": "application/json"})
        answer = self.connection.getresponse()
        self.request_id = answer.headers["x-request-id"]
        return answer.status, answer.read(), provider

    def trace(self):
        return self.daemon.control("/traces/show", {"name": self.request_id})


def requests():
    """Each once: several answers may have been recorded of one."""
    seen = set()
    for entry in entries():
        file = entry.facts.get("request_file")
        words = [word for word in WORDS if word != "verbose" and not word.startswith("to=")]
        if file and file not in seen and all(word in file for word in words):
            seen.add(file)
            yield file, entry, without_providers(entry.request())


def without_providers(request):
    """OpenRouter's words about its own providers hold here too, where none of them is."""
    if isinstance(request.get("provider"), dict):
        del request["provider"]
    return request


def field_of(message):
    """The field a refusal names, without the numbers of places."""
    found = re.match(r"'([^']+)'", message) or re.search(r"([a-z_]+(?:\[\d+\])?(?:\.[a-zA-Z_\[\]0-9]+)*)", message)
    return re.sub(r"\[\d+\]", "[]", found[1]) if found else None


def conversation(speaks, body):
    """None: there is more in it than the scripted providers read."""
    try:
        turns = [(role, [fair(part) for part in parts]) for role, parts in speaks.read(known_to_all(body))]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration):
        return None
    turns = [(role, [part for part in parts if part not in NOTHING]) for role, parts in turns]
    turns = canonical([turn for turn in turns if turn[1]])
    if len(turns) > 1 and turns[-1][0] == "system":  # behind the last question: part of it
        turns = canonical([*turns[:-1], ("user", turns[-1][1])])
    return turns


# What writers put in the place of something else, or beside it.
ONE_OBJECT = "Answer with one JSON object and nothing else."
NOTHING = [("text", text) for text in ("", "[image, see next message]", "(conversation start)", ONE_OBJECT)]


def known_to_all(body):
    """Forms that only one dialect has, as the others are told them."""
    def told(name, value):
        if isinstance(value, list):
            return [told(name, each) for each in value]
        if not isinstance(value, dict):
            return value
        kind = value.get("type")
        if kind == "tool_reference":
            return {"type": "text", "text": value["tool_name"]}
        if kind == "custom_tool_call":
            wrapped = json.dumps({"input": value["input"]})
            return {"type": "function_call", "call_id": value["call_id"], "name": value["name"], "arguments": wrapped}
        if kind == "custom_tool_call_output":
            return {**value, "type": "function_call_output"}
        return {name: told(name, each) for name, each in value.items()}
    return {name: told(name, value) if name in ("messages", "input") else value for name, value in body.items()}


def error_of(text):
    """What a tool says that failed, whatever marks it."""
    found = re.fullmatch(r'\{"error": (".*")\}', text)
    return one_text(json.loads(found[1])) if found else text.removeprefix("Error: ")


def fair(part):
    """Apart from the form in which a dialect has it: JSON without spaces, text documents as text."""
    if part[0] == "result":
        said = [("text", error_of(each[1])) if each[0] == "text" else each for each in map(fair, part[2])]
        return ("result", part[1], [each for each in said if each not in NOTHING])
    if part[0] == "call":
        return ("call", part[1], part[2].rsplit("__", 1)[-1], part[3])
    if part[:2] == ("document", "text/plain"):
        text = part[2]
        with contextlib.suppress(ValueError):
            text = base64.b64decode(text, validate=True).decode()
        return ("text", text)
    if part[0] != "text":
        return part
    text = re.sub("<document[^>]*>\n(.*)\n</document>", r"\1", part[1], flags=re.S)
    text = text.removesuffix("\n\n" + ONE_OBJECT)
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text)) if text[:1] in ("{", "[") else text
    return ("text", text)


def differing(arrived, asked):
    got, due = repr(arrived), repr(asked)
    at = max(0, len(os.path.commonprefix([got, due])) - 60)
    return f"{got[at:at + 400]}\n  instead of\n{due[at:at + 400]}"


class Play:
    def __init__(self):
        self.counts, self.failures = collections.Counter(), []
        self.refused = collections.defaultdict(list)

    def one(self, stage, file, entry, request, target):
        status, body, provider = stage.send(entry.dialect, request, target, entry.stream)
        text = body.decode(errors="replace")
        if "speaks another dialect" in text or "is not translated" in text:
            self.counts["not translated"] += 1
            return
        assert not provider.problems, "\n".join(provider.problems)[:1500]
        due = refusable(request, entry.dialect, target)
        assert bool(due) == (status == 400), f"{status}, but what cannot go is {due}: {text[:300]}"
        if status == 400:
            message = json.loads(body)["error"]["message"]
            assert any(field in field_of(message) for field in due), f"{message}, but what cannot go is {due}"
            self.refused[field_of(message), message.partition(" (")[2], SHORT[entry.dialect]].append(
                (SHORT[target], file))
            self.counts["refused"] += 1
            return
        assert status == 200, (status, text[:600])
        self.counts["taken"] += 1
        source = stage.providers[entry.dialect].speaks
        asked = conversation(source, source.spelled(request) if entry.dialect == GEMINI else request)
        arrived = conversation(provider.speaks, provider.got)
        if asked is None or arrived is None:
            self.counts["not compared"] += 1
        else:
            assert arrived == asked, differing(arrived, asked)

    def all(self, stage):
        for file, entry, request in requests():
            for target in DIALECTS:
                asked = [word.partition("=")[2] for word in WORDS if word.startswith("to=")]
                if target == entry.dialect or asked and target not in asked:
                    continue
                try:
                    self.one(stage, file, entry, request, target)
                except Exception as error:  # whatever it is, the next is still sent
                    self.failures.append(file)
                    print(f"FAILED  {file} to {SHORT[target]}: {type(error).__name__}: {str(error)[:1800]}", flush=True)
                    stage.connection.close()


def test_requests():
    """recorded requests are taken by providers of every other dialect, or refused by the field that is why"""
    play = Play()
    with contextlib.ExitStack() as stack:
        play.all(Stage(stack))
    print(f"        {dict(play.counts)}, {len(play.failures)} failed")
    for (field, why, caller), targets in sorted(play.refused.items()):
        count = collections.Counter(target for target, _ in targets)
        print(f"        {caller}: {field} for {dict(count)}: ({why}")
        for target, file in targets if "verbose" in WORDS else []:
            print(f"            {target} {file}")
    assert not play.failures, f"{len(play.failures)} requests"
    some = not WORDS or WORDS == ["verbose"]
    assert not some or play.counts["taken"] >= 1200 and play.counts["not compared"] <= 40, play.counts


def test_search_of_an_agent():
    """the search that Codex always declares is left out for others, and refused where it must be called"""
    function = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}
    search = {"type": "web_search", "external_web_access": False}
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        for target in (CHAT, MESSAGES, GEMINI):
            for tools in ([function, search], [search]):
                asked = {"input": "hi", "tools": tools, "tool_choice": "auto"}
                status, body, provider = stage.send(RESPONSES, asked, target)
                assert status == 200, (target, body)
                named = [tool[0] for tool in provider.speaks.read_tools(provider.got)]
                assert named == ["f"] * (function in tools), (target, named)
                assert "tools.web_search" in json.dumps(stage.trace()), stage.trace()
            for choice, tools in (({"type": "web_search"}, [function, search]), ("required", [search])):
                status, body, _ = stage.send(RESPONSES, {"input": "hi", "tools": tools, "tool_choice": choice}, target)
                error = json.loads(body).get("error") or {}
                assert status == 400 and error["param"] == "tool_choice", (target, choice, body[:300])


if __name__ == "__main__":
    sys.exit(cases.run("translated requests", cases.collect(globals())))
