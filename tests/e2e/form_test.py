#!/usr/bin/env python3
"""Providers that answer whole where a stream was asked for, and the other way round: the official SDKs
get the form that they asked for, of the same dialect and of others."""
import contextlib
import sys

import anthropic
import openai

import cases
import provider_answers as answers
from daemon import Daemon
from provider import Handler, Provider


class Contrary(Handler):
    """Answers in the other form than it was asked for."""

    def play(self, record, operation, body):
        streamed = not body.get("stream", False)
        body = {**body, "stream": streamed, "stream_options": {"include_usage": True}}
        script = answers.Script(body, repeat=1)
        if streamed:
            return self.stream(record, answers.stream(operation, body, script), "ok")
        return self.answer(record, 200, answers.whole(operation, body, script))


class Stage:
    def __init__(self, stack):
        self.chat = stack.enter_context(Provider(name="chat", key="sk-chat-1111111111111"))
        self.claude = stack.enter_context(Provider(name="claude", key="sk-claude-22222222222", auth="x-api-key"))
        for provider in (self.chat, self.claude):
            provider.RequestHandlerClass = Contrary
        self.daemon = stack.enter_context(Daemon())
        self.daemon.add_provider("lab", self.chat.base, "openai-chat", key=self.chat.key)
        self.daemon.add_provider("resp", self.chat.base, "openai-responses", key=self.chat.key)
        self.daemon.add_provider("cl", self.claude.base, "anthropic", "x-api-key", self.claude.key)
        self.key = self.daemon.create_key("form")
        self.openai = openai.OpenAI(base_url=f"{self.daemon.base}/v1", api_key=self.key, max_retries=0)
        self.anthropic = anthropic.Anthropic(base_url=self.daemon.base, api_key=self.key, max_retries=0)

    def check(self):
        self.chat.check()
        self.claude.check()


TALK = [{"role": "user", "content": "hi"}]


def chat_stream(stage, model):
    text, finish, usage = "", None, None
    for chunk in stage.openai.chat.completions.create(
            model=model, messages=TALK, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return text, finish == "stop", usage.completion_tokens


def chat_whole(stage, model):
    answer = stage.openai.chat.completions.create(model=model, messages=TALK)
    choice = answer.choices[0]
    return choice.message.content, choice.finish_reason == "stop", answer.usage.completion_tokens


def messages_stream(stage, model):
    with stage.anthropic.messages.stream(model=model, max_tokens=50, messages=TALK) as stream:
        return of_message(stream.get_final_message())


def messages_whole(stage, model):
    return of_message(stage.anthropic.messages.create(model=model, max_tokens=50, messages=TALK))


def of_message(message):
    text = "".join(block.text for block in message.content if block.type == "text")
    return text, message.stop_reason == "end_turn", message.usage.output_tokens


def responses_stream(stage, model):
    with stage.openai.responses.stream(model=model, input="hi") as stream:
        for _ in stream:
            pass
        return of_response(stream.get_final_response())


def responses_whole(stage, model):
    return of_response(stage.openai.responses.create(model=model, input="hi"))


def of_response(response):
    return response.output_text, response.status == "completed", response.usage.output_tokens


ASKERS = (chat_stream, chat_whole, messages_stream, messages_whole, responses_stream, responses_whole)


def case_of(stage, ask, model):
    def case():
        text, stopped, tokens = ask(stage, model)
        assert text and stopped and tokens > 0, (text, stopped, tokens)
    case.__doc__ = f"{ask.__name__.replace('_', ' ')} from {model}"
    return case


def main():
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        made = [case_of(stage, ask, model) for model in ("lab/ok", "resp/ok", "cl/ok") for ask in ASKERS]
        return cases.run("other form", made, stage.check)


if __name__ == "__main__":
    sys.exit(main())
