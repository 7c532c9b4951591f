"""The Node SDKs as callers: a program of theirs (tour_clients.mjs) is told what to ask, and says what it
made of the answer."""
import base64
import decimal
import json
import os
import pathlib
import shutil
import subprocess

from anthropic.types import Message
from daemon import ROOT
from dialect_callers import ChatCaller, GeminiCaller, MessagesCaller, ResponsesCaller
from google.genai import types
from openai.types.chat import ChatCompletion
from openai.types.responses import Response
from translation_play import Raised


class NodeError(Exception):
    def __init__(self, kinds, status, message, headers):
        super().__init__(message)
        self.told = Raised(kinds, status, message, headers)


def node_and_home():
    """A Node that is new enough, and the folder with the SDKs: run.sh says them, or has installed them."""
    home = pathlib.Path(os.environ.get("E2E_NODE_HOME", ROOT / "build" / "e2e" / "node"))
    brought = sorted(home.glob("node_modules/node-linux-*/bin/node"))
    return os.environ.get("E2E_NODE") or next(map(str, brought), "node"), home


class Node:
    """The program. `ask` returns what the SDK made of the answer, and keeps the bytes of it."""

    def __init__(self, daemon, key):
        node, home = node_and_home()
        for module in pathlib.Path(__file__).parent.glob("tour_*.mjs"):
            shutil.copy(module, home)  # beside what it imports
        env = {**os.environ, "E2E_BASE": daemon.base, "E2E_KEY": key}
        self.process = subprocess.Popen([node, home / "tour_clients.mjs"], env=env, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.status, self.headers, self.received = None, {}, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def ask(self, client, asked, stream, **more):
        self.process.stdin.write(json.dumps({"client": client, "asked": asked, "stream": stream, **more}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the program of the Node SDKs ended with {self.process.wait(10)}")
        said = json.loads(line)
        exchange = said.get("exchange", {"status": None, "headers": {}, "received": ""})
        self.status, self.headers = exchange["status"], exchange["headers"]
        self.received = base64.b64decode(exchange["received"])
        if "raised" in said:
            raise NodeError(**said["raised"], headers=self.headers)
        return said["answer"]


class NodeCaller:
    """A caller of a dialect whose SDK is Node's: mixed in before the dialect's own."""
    errors = (NodeError,)
    reads_arguments = False  # those of calls

    def __init__(self, node):
        self.node = node

    @property
    def received(self):
        return self.node.received, self.node.headers

    @property
    def status(self):
        return self.node.status

    def raised(self, error):
        return error.told

    def heard(self, told, scenario, provider):
        """Its numbers are doubles; so are those of arguments where the SDK reads them."""
        if self.reads_arguments:
            told.calls = [(name, doubled(arguments)) for name, arguments in told.calls]
        return told

    def ask(self, scenario, model, stream):
        asked = self.request(scenario, model)
        return (self.streamed if stream else self.whole)(asked), asked

    @property
    def keeps_thinking_in_loops(self):
        return self.keeps_thinking

    def loop(self, scenario, model, result, stream):
        """The last words, after every call came to `result`."""
        return self.node.ask(self.name, self.wire(self.request(scenario, model)), stream, result=result)

    def whole(self, asked):
        return self.seen(self.parsed(self.node.ask(self.name, self.wire(asked), False)))

    def streamed(self, asked):
        return self.seen(self.parsed(self.node.ask(self.name, self.wire(asked), True)))

    def wire(self, asked):
        """JSON of what may hold what an answer was made to."""
        return json.loads(json.dumps(asked, default=lambda each: each.model_dump(mode="json", exclude_unset=True)))


def doubled(text):
    """JSON with the numbers that JavaScript has for those of `text`, which may be cut off."""
    def number(digits):
        return int(decimal.Decimal(repr(float(digits))))
    try:
        return json.dumps(json.loads(text, parse_int=number))
    except ValueError:
        return text


class NodeChat(NodeCaller, ChatCaller):
    name = "openai-chat"
    keeps_thinking_in_loops = False  # its loop sends back but what it knows

    def kind_of(self, kind):
        return {"APIStatusError": "APIError"}.get(kind, kind)

    def parsed(self, answer):
        return ChatCompletion.construct(**answer)


class NodeResponses(NodeCaller, ResponsesCaller):
    name = "openai-responses"
    kind_of = NodeChat.kind_of

    def parsed(self, answer):
        said = Response.construct(**answer)
        assert answer.get("output_text", said.output_text) == said.output_text, answer["output_text"]
        return said


class NodeMessages(NodeCaller, MessagesCaller):
    name = "anthropic-1"
    reads_arguments = True

    def parsed(self, answer):
        return Message.construct(**answer)


class NodeMessagesOld(NodeMessages):
    name = "anthropic-0"

    def kind_of(self, kind):
        """It has not yet the names of the later classes."""
        return {"OverloadedError": "InternalServerError", "ContentTooLargeError": "APIError"}.get(kind, kind)


class NodeGemini(NodeCaller, GeminiCaller):
    name = "genai-3"
    reads_arguments = True

    def kind_of(self, kind):
        return "ApiError"

    def parsed(self, answer):
        return [types.GenerateContentResponse.model_validate(chunk) for chunk in answer]

    def wire(self, asked):
        return {"model": asked["model"], "config": plain(asked["config"]),
                "contents": [plain(content) for content in asked["contents"]]}


class NodeGeminiOld(NodeGemini):
    name = "genai-1"

    def parsed(self, answer):
        """It takes a failure that is told in a stream for the stream's end; a program sees but that the
        answer has no finishReason."""
        chunks = super().parsed(answer)
        if not any(one.finish_reason for chunk in chunks for one in chunk.candidates or []):
            raise NodeError([], None, "no finishReason", {})
        return chunks


def plain(value):
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


NODE_CALLERS = (NodeChat, NodeResponses, NodeMessages, NodeMessagesOld, NodeGemini, NodeGeminiOld)
