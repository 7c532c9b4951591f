#!/usr/bin/env python3
"""A translated request whose provider refuses a hint in it, in the words that real providers have for
that, goes there once more without the hint; what is passed on is never changed."""
import base64
import contextlib
import http.client
import json
import sys

import cases
import provider_answers as answers
from daemon import Daemon
from provider import Handler, Provider

OPENAI = {"error": {"message": "Unsupported parameter: 'temperature' is not supported with this model.",
                    "type": "invalid_request_error", "param": "temperature", "code": "unsupported_parameter"}}
ANTHROPIC = {"type": "error", "error": {"type": "invalid_request_error",
                                        "message": "`temperature` is deprecated for this model."}}
UNREADABLE = {"error": {
    "message": "The encrypted content for item rs_1 could not be verified. Reason: Encrypted content could not be"
               " decrypted or parsed.",
    "type": "invalid_request_error", "param": None, "code": "invalid_encrypted_content"}}
PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}


class Choosy(Handler):
    """Refuses what is asked with the provider's `unloved` field, as often as it is."""

    def play(self, record, operation, body):
        provider = self.server
        if provider.state and b"encrypted_content\": \"" in answers.dump(body.get("input", "")):
            return self.answer(record, 400, answers.dump(UNREADABLE))
        if provider.unloved in body:
            return self.answer(record, provider.status, answers.dump(provider.words))
        return super().play(record, operation, body)


class Stage:
    def __init__(self, stack):
        self.chat = stack.enter_context(Provider(name="chat", key="sk-chat-1111111111111"))
        self.claude = stack.enter_context(Provider(name="claude", key="sk-claude-22222222222", auth="x-api-key"))
        for provider in (self.chat, self.claude):
            provider.RequestHandlerClass = Choosy
            provider.state = False
        self.daemon = stack.enter_context(Daemon())
        self.daemon.add_provider("lab", self.chat.base, "openai-chat", key=self.chat.key)
        self.daemon.add_provider("resp", self.chat.base, "openai-responses", key=self.chat.key)
        self.daemon.add_provider("cl", self.claude.base, "anthropic", "x-api-key", self.claude.key)
        self.key = self.daemon.create_key("repair")

    def refuse(self, provider, field, words, status=400):
        provider.unloved, provider.words, provider.status = field, words, status
        provider.records.clear()

    def ask(self, operation, model, **more):
        asked = {"input": "hi"} if operation == "responses" else {
            "messages": [{"role": "user", "content": "hi"}]}
        asked.update(more)
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("POST", PATHS[operation], json.dumps({"model": model, **asked}),
                               {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            self.headers, self.status, self.body = answer.headers, answer.status, answer.read().decode()
        return self.daemon.control("/traces/show", {"name": self.headers["x-request-id"]})


def statuses(trace):
    return [attempt["status"] for attempt in trace["attempts"]]


def check_repaired(stage, provider, trace, field):
    assert stage.status == 200, stage.body
    assert stage.headers["x-routerone-dropped"] == field, dict(stage.headers)
    assert statuses(trace) == [400, 200] or statuses(trace) == [422, 200], trace
    assert trace["dropped"] == [field], trace
    first, second = [record.json() for record in provider.records]
    assert field in first and field not in second, second
    first.pop(field)
    assert first == second, second


def make_cases(stage):
    def test_whole():
        """OpenAI's words: Messages to Chat, whole, without the temperature"""
        stage.refuse(stage.chat, "temperature", OPENAI)
        trace = stage.ask("messages", "lab/ok", max_tokens=50, temperature=0.5)
        check_repaired(stage, stage.chat, trace, "temperature")

    def test_stream():
        """the same as a stream, which begins once"""
        stage.refuse(stage.chat, "temperature", OPENAI)
        trace = stage.ask("messages", "lab/ok", max_tokens=50, temperature=0.5, stream=True)
        check_repaired(stage, stage.chat, trace, "temperature")
        assert stage.body.count("event: message_start") == 1 and "event: message_stop" in stage.body

    def test_messages():
        """Anthropic's words: Responses to Messages without the temperature"""
        stage.refuse(stage.claude, "temperature", ANTHROPIC)
        trace = stage.ask("responses", "cl/ok", temperature=0.5)
        check_repaired(stage, stage.claude, trace, "temperature")

    def test_list():
        """words that are a list of places, with status 422"""
        stage.refuse(stage.chat, "temperature", {"detail": [
            {"type": "extra_forbidden", "loc": ["body", "temperature"],
             "msg": "Extra inputs are not permitted", "input": 0.5}]}, status=422)
        trace = stage.ask("responses", "lab/ok", temperature=0.5)
        check_repaired(stage, stage.chat, trace, "temperature")

    def test_state():
        """thinking of before that the provider did not make, and that it cannot read"""
        stage.refuse(stage.chat, "nothing", {})
        stage.chat.state = True
        # What an answer of the provider's own dialect had given the caller to keep.
        item = json.dumps([{"type": "reasoning", "summary": [], "encrypted_content": "gAAAA-of-another"}])
        signature = "r1.r." + base64.urlsafe_b64encode(item.encode()).decode().rstrip("=")
        trace = stage.ask("messages", "resp/ok", max_tokens=50, messages=[
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": signature},
                                              {"type": "text", "text": "hello"}]},
            {"role": "user", "content": "again"}])
        stage.chat.state = False
        assert stage.status == 200, stage.body
        assert statuses(trace) == [400, 200] and trace["dropped"] == ["thinking"], trace
        first, second = [record.json()["input"] for record in stage.chat.records]
        assert [one for one in first if one.get("type") != "reasoning"] == second, second
        assert len(first) == len(second) + 1, first

    def test_once():
        """a second refusal is the caller's, in its own dialect"""
        stage.refuse(stage.chat, "model", OPENAI)
        trace = stage.ask("messages", "lab/ok", max_tokens=50, temperature=0.5)
        assert stage.status == 400 and json.loads(stage.body)["type"] == "error", stage.body
        assert statuses(trace) == [400, 400], trace
        assert len(stage.chat.records) == 2

    def test_meaning():
        """a field that the caller would miss is not left out"""
        stage.refuse(stage.chat, "tools", {"error": {
            "message": "'tools' is not supported with this model.", "type": "invalid_request_error",
            "param": "tools", "code": "unsupported_parameter"}})
        trace = stage.ask("messages", "lab/ok", max_tokens=50,
                          tools=[{"name": "f", "input_schema": {"type": "object"}}])
        assert stage.status == 400 and "tools" in stage.body, stage.body
        assert statuses(trace) == [400], trace

    def test_passed_on():
        """what is passed on is refused as the provider refused it"""
        stage.refuse(stage.chat, "temperature", OPENAI)
        trace = stage.ask("chat", "lab/ok", temperature=0.5)
        assert stage.status == 400 and json.loads(stage.body) == OPENAI, stage.body
        assert statuses(trace) == [400] and not trace["dropped"], trace
        assert "x-routerone-dropped" not in stage.headers

    return [test_whole, test_stream, test_messages, test_list, test_state, test_once, test_meaning, test_passed_on]


def main():
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        return cases.run("repair", make_cases(stage))


if __name__ == "__main__":
    sys.exit(main())
