"""The AI SDK of Vercel as a caller: one form of asking and of answers for all its providers."""
import json

from dialect_callers import Caller, Seen, media
from scenario import CHAT, GEMINI, MESSAGES, RESPONSES, order_of
from tour_node import NodeCaller, doubled

ENDS = {"stop": "stop", "tool_calls": "tool-calls", "length": "length", "content_filter": "content-filter",
        "completed": "stop", "incomplete": "length", "end_turn": "stop", "tool_use": "tool-calls",
        "max_tokens": "length", "stop_sequence": "stop", "refusal": "content-filter", "STOP": "stop",
        "MAX_TOKENS": "length", "SAFETY": "content-filter"}
KINDS = {"text": "text", "reasoning": "thinking", "tool-call": "call"}


class VercelCaller(NodeCaller, Caller):
    def kind_of(self, kind):
        return "APICallError"  # it tells them by the number

    def request(self, scenario, model):
        ask = scenario.ask
        names = {part["call"]: part["name"] for turn in ask["turns"] for part in turn.get("assistant", [])
                 if not isinstance(part, str)}
        asked = {"model": model, "maxOutputTokens": scenario.cap(self.dialect), "allowSystemInMessages": True,
                 "messages": [self.message(turn, names) for turn in ask["turns"]],
                 "providerOptions": {self.provider: self.options(ask, model)}}
        for name, word in (("system", "instructions"), ("stop", "stopSequences"), ("format", "schema")):
            if name in ask:
                asked[word] = ask[name]
        asked["tools"] = [{name: tool[name] for name in ("name", "description", "schema") if name in tool}
                          for tool in ask.get("tools", [])]
        if choice := ask.get("choice"):
            plain = choice in ("auto", "required", "none")
            asked["toolChoice"] = choice if plain else {"type": "tool", "toolName": choice}
        return asked

    def message(self, turn, names):
        if "system" in turn:
            return {"role": "system", "content": turn["system"]}
        if "results" in turn:
            return {"role": "tool", "content": [self.result(one, names[one["call"]]) for one in turn["results"]]}
        role = "user" if "user" in turn else "assistant"
        return {"role": role, "content": [self.part(part) for part in turn[role]]}

    def part(self, part):
        if isinstance(part, str):
            return {"type": "text", "text": part}
        if "call" in part:
            return {"type": "tool-call", "toolCallId": part["call"], "toolName": part["name"],
                    "input": json.loads(part["arguments"])}
        kind, data, _ = media(part)
        name = {"filename": part["document"]} if "document" in part else {}
        return {"type": "file", "mediaType": kind, "data": {"type": "data", "data": data}, **name}

    def result(self, one, name):
        content = one["content"]
        plain = all(isinstance(part, str) for part in content)
        output = {"type": "text", "value": "".join(content)} if plain else {
            "type": "content", "value": [self.part(part) for part in content]}
        return {"type": "tool-result", "toolCallId": one["call"], "toolName": name, "output": output}

    def parsed(self, answer):
        return answer

    def seen(self, answer):
        content = answer["content"]
        calls = [(part["toolCallId"], part["toolName"], part["input"]) for part in content
                 if part["type"] == "tool-call"]
        usage, read, said = answer["usage"], answer["usage"]["inputTokenDetails"], answer["usage"]["outputTokenDetails"]
        numbers = {"input": read.get("noCacheTokens") or 0, "cache_read": read.get("cacheReadTokens") or 0,
                   "cache_write": read.get("cacheWriteTokens") or 0, "output": usage.get("outputTokens") or 0,
                   "thinking": said.get("reasoningTokens") or 0}
        usage.pop("raw", None)
        assert "object" not in answer or answer["object"] == json.loads(answer["text"]), answer["object"]
        return Seen(answer["text"], answer.get("reasoningText") or "", "", calls, answer["finishReason"], numbers,
                    usage, answer["model"], answer["responseMessages"],
                    order_of(KINDS.get(part["type"]) for part in content if part.get("text") != ""))

    def cannot(self, scenario, provider, stream):
        if scenario.name == "codex_tools":
            return "its tools of a namespace are another thing"
        return None

    def heard(self, told, scenario, provider):
        """A refusal is text that ends otherwise."""
        word = told.stop.split(":")[0]
        told.stop = "tool-calls" if told.calls and ENDS[word] == "stop" else ENDS[word]
        told.raw_usage = None
        told.calls = [(name, doubled(arguments)) for name, arguments in told.calls]
        if scenario.name == "refusal":
            native = self.dialect == MESSAGES and provider in (MESSAGES, GEMINI)  # it says why beside the text
            told.text, told.refusal, told.order = "" if native else told.refusal, "", None
            told.stop = "content-filter"
        return told

    def again(self, asked, seen, results):
        asked["messages"] += seen.native
        asked["messages"].append({"role": "tool", "content": [
            self.result({**one, "call": call[0]}, call[1]) for call, one in zip(seen.calls, results)]})
        return asked


class VercelChat(VercelCaller):
    """It has no thinking in this dialect: neither does it read any, nor send it back."""
    name, dialect, provider = "ai-chat", CHAT, "openai"
    keeps_thinking = False

    def cannot(self, scenario, provider, stream):
        if scenario.name == "tool_result_image":
            return "what a tool shows goes as JSON text"
        return super().cannot(scenario, provider, stream)

    def heard(self, told, scenario, provider):
        told = super().heard(told, scenario, provider)
        told.thinking = ""
        return told

    def options(self, ask, model):
        out = {"parallelToolCalls": ask["parallel"]} if "parallel" in ask else {}
        if "effort" in ask:
            out["reasoningEffort"] = ask["effort"]
        if "effort" in ask or "/gpt-" in model:
            out["forceReasoning"] = True  # which it else tells from the names it knows
        return out


class VercelResponses(VercelCaller):
    name, dialect, provider = "ai-responses", RESPONSES, "openai"

    def options(self, ask, model):
        out = {"store": False, **VercelChat.options(self, ask, model)}
        return {**out, "reasoningSummary": "auto"} if "effort" in ask else out


class VercelMessages(VercelCaller):
    name, dialect, provider = "ai-messages", MESSAGES, "anthropic"

    def options(self, ask, model):
        out = {"disableParallelToolUse": not ask["parallel"]} if "parallel" in ask else {}
        if "format" in ask:
            out["structuredOutputMode"] = "outputFormat"
        if "effort" in ask:
            out.update(thinking={"type": "adaptive", "display": "summarized"}, effort=ask["effort"])
        return out


class VercelGemini(VercelCaller):
    """Its answers to calls are told apart by their order."""
    name, dialect, provider = "ai-gemini", GEMINI, "google"

    def cannot(self, scenario, provider, stream):
        if scenario.name == "tool_result_image":
            return "it sends what a tool shows beside the result"
        return super().cannot(scenario, provider, stream)

    def message(self, turn, names):
        if "results" in turn:
            turn = {"results": sorted(turn["results"], key=lambda one: list(names).index(one["call"]))}
        return super().message(turn, names)

    def options(self, ask, model):
        if "effort" not in ask:
            return {}
        return {"thinkingConfig": {"thinkingLevel": ask["effort"], "includeThoughts": True}}


VERCEL_CALLERS = (VercelChat, VercelResponses, VercelMessages, VercelGemini)
