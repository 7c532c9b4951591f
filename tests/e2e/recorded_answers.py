"""What a recorded answer says apart from its dialect. Reads the documents themselves, with neither our
readers nor an SDK."""
import dataclasses
import json
import re

from dialect_callers import buckets
from scenario import CHAT, GEMINI, MESSAGES, RESPONSES


class Freeform(str):
    """What a tool is called with that takes bare text."""


@dataclasses.dataclass
class Said:
    """What a recorded answer says. `stop` is a word of STOPS; `error`: it is none."""
    text: str = ""
    thinking: str = ""
    refusal: str = ""
    calls: list = dataclasses.field(default_factory=list)  # (id or None, name, JSON or Freeform text)
    stop: str | None = None
    usage: dict | None = None
    error: object = None
    kinds: list = dataclasses.field(default_factory=list)  # of what is said, in its order

    def note(self, kind, said=True):
        if said:
            self.kinds.append(kind)

    def end(self, reasons, word):
        self.stop = reasons.get(word, self.stop)
        if self.calls and self.stop in ("stop", None):
            self.stop = "calls"
        return self


# Why an answer ended, in the words of those that are told.
STOPS = {
    CHAT: {"stop": "stop", "length": "length", "calls": "tool_calls", "filter": "content_filter",
           "declined": "content_filter", "refusal": "stop", "sequence": "stop", "pause": "stop"},
    RESPONSES: {"stop": "completed", "length": "incomplete: max_output_tokens", "calls": "completed",
                "filter": "incomplete: content_filter", "declined": "completed", "refusal": "completed",
                "sequence": "completed", "pause": "completed"},
    MESSAGES: {"stop": "end_turn", "length": "max_tokens", "calls": "tool_use", "filter": "refusal",
               "declined": "refusal", "refusal": "refusal", "sequence": "stop_sequence", "pause": "pause_turn"},
    GEMINI: {"stop": "STOP", "length": "MAX_TOKENS", "calls": "STOP", "filter": "SAFETY", "declined": "SAFETY",
             "refusal": "SAFETY", "sequence": "STOP", "pause": "STOP"}}
CHAT_REASONS = {"stop": "stop", "length": "length", "tool_calls": "calls", "content_filter": "filter",
                "function_call": "calls", "eos": "stop", "end": "stop", "": "stop"}
MESSAGES_REASONS = {"end_turn": "stop", "max_tokens": "length", "tool_use": "calls", "refusal": "declined",
                    "stop_sequence": "sequence", "pause_turn": "pause",
                    "model_context_window_exceeded": "length"}
GEMINI_REASONS = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "filter", "RECITATION": "filter",
                  "PROHIBITED_CONTENT": "filter", "BLOCKLIST": "filter", "SPII": "filter",
                  "IMAGE_SAFETY": "filter"}
GEMINI_FAILURES = ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "OTHER",
                   "MALFORMED_RESPONSE")


def documents(stream):
    """The JSON documents of a stream's events, in order, to its end."""
    text = stream.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    for block in re.split(r"\n\n+", text):
        data = "\n".join(line[5:].removeprefix(" ") for line in block.split("\n") if line.startswith("data:"))
        if data.strip() == "[DONE]":
            return
        if data.strip():
            yield json.loads(data)


def said(entry):
    read = (STREAMED if entry.stream else WHOLE)[entry.dialect]
    answer = entry.answer()
    return read(list(documents(answer)) if entry.stream else json.loads(answer))


def number(usage, *path):
    for name in path:
        usage = (usage or {}).get(name)
    return usage or 0


# -- Chat Completions

def chat_usage(usage):
    if not usage:
        return None
    cached = number(usage, "prompt_tokens_details", "cached_tokens") or number(usage, "prompt_cache_hit_tokens")
    thought = number(usage, "completion_tokens_details", "reasoning_tokens") or number(usage, "reasoning_tokens")
    read_in, output = number(usage, "prompt_tokens"), number(usage, "completion_tokens")
    cached = min(cached, read_in)  # one counts in blocks
    if thought and number(usage, "total_tokens") == read_in + output + thought:
        output += thought  # some count it beside the output
    return buckets(read_in, cached, number(usage, "prompt_tokens_details", "cache_write_tokens"), output, thought)


def chat_content(out, content):
    if isinstance(content, str):
        out.text += content
    for part in content if isinstance(content, list) else []:
        out.text += part.get("text") or ""
        thinking = part.get("thinking") or []
        out.thinking += thinking if isinstance(thinking, str) else "".join(one.get("text", "") for one in thinking)


def chat_thinking(message):
    plain = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(plain, str):
        return plain
    return "".join(one.get("text") or one.get("summary") or "" for one in message.get("reasoning_details") or [])


def chat_message(out, message):
    chat_content(out, message.get("content"))
    out.thinking += chat_thinking(message)
    out.refusal += message.get("refusal") or ""


def chat_whole(answer):
    out = Said(error=answer.get("error"), usage=chat_usage(answer.get("usage")))
    if out.error or not answer.get("choices"):
        out.error = out.error or answer
        return out
    choice = answer["choices"][0]
    message = choice.get("message", {})
    chat_message(out, message)
    for call in message.get("tool_calls") or []:
        body = call["function"]
        out.calls.append((call.get("id"), body["name"], body.get("arguments")))
    return out.end(CHAT_REASONS, choice.get("finish_reason"))


def chat_streamed(chunks):
    out, reason, calls, last = Said(), None, {}, None
    for chunk in chunks:
        out.error = out.error or chunk.get("error")
        counted = chunk.get("usage") or number(chunk, "x_groq", "usage")
        out.usage = chat_usage(counted) or out.usage
        for choice in (chunk.get("choices") or [])[:1]:
            delta = choice.get("delta") or {}
            before = len(out.thinking), len(out.text)
            chat_message(out, delta)
            out.note("thinking", len(out.thinking) > before[0])
            out.note("text", len(out.text) > before[1])
            reason = choice.get("finish_reason") or reason
            for place, call in enumerate(delta.get("tool_calls") or []):
                last = call.get("index", len(calls) if call.get("id") else last or place)
                out.note("call", last not in calls)
                known = calls.setdefault(last, [call.get("id"), "", ""])
                body = call.get("function") or {}
                known[1] = known[1] or body.get("name") or ""
                known[2] += body.get("arguments") or ""
    out.calls = [tuple(call) for call in calls.values()]
    return out.end(CHAT_REASONS, reason)


# -- Responses

def responses_usage(usage):
    if not usage:
        return None
    return buckets(number(usage, "input_tokens"), number(usage, "input_tokens_details", "cached_tokens"),
                   number(usage, "input_tokens_details", "cache_write_tokens"), number(usage, "output_tokens"),
                   number(usage, "output_tokens_details", "reasoning_tokens"))


def responses_item(out, item):
    if item["type"] == "message":
        said = "".join(part.get("text") or "" for part in item["content"] if part["type"] != "refusal")
        out.text += said
        out.note("text", said)
        out.refusal += "".join(part["refusal"] for part in item["content"] if part["type"] == "refusal")
    elif item["type"] == "reasoning":
        shown = [part["text"] for part in item.get("summary") or []]
        said = "".join(shown or [part["text"] for part in item.get("content") or []])
        out.thinking += said
        out.note("thinking", said)
    elif item["type"] in ("function_call", "custom_tool_call"):
        given = item["arguments"] if item["type"] == "function_call" else Freeform(item["input"])
        out.calls.append((item.get("call_id"), item["name"], given))
        out.note("call")


def responses_whole(answer, items=()):
    out = Said(error=answer.get("error"), usage=responses_usage(answer.get("usage")))
    for item in answer.get("output") or items:
        responses_item(out, item)
    reason = (answer.get("incomplete_details") or {}).get("reason")
    words = {"content_filter": "filter", "max_output_tokens": "length", "max_tokens": "length"}
    out.stop = "refusal" if out.refusal else "stop"
    return out.end(words, reason)


def responses_streamed(events):
    items, final, failed = {}, {}, None
    for event in events:
        if event["type"] == "response.output_item.done":
            items[event["output_index"]] = event["item"]
        elif event["type"] in ("response.completed", "response.incomplete", "response.failed"):
            final = event["response"]
            break  # what comes behind the end is no part of this answer
        elif event["type"] == "error":
            failed = event
    out = responses_whole(final, [items[n] for n in sorted(items)])
    out.error = out.error or failed or (None if final else "cut")
    return out


# -- Messages

def messages_usage(usage):
    if not usage:
        return None
    return {"input": number(usage, "input_tokens"), "cache_read": number(usage, "cache_read_input_tokens"),
            "cache_write": number(usage, "cache_creation_input_tokens"), "output": number(usage, "output_tokens"),
            "thinking": number(usage, "output_tokens_details", "thinking_tokens")}


def messages_whole(answer):
    out = Said(error=answer.get("error"), usage=messages_usage(answer.get("usage")))
    for block in answer.get("content") or []:
        kind = {"tool_use": "call"}.get(block["type"], block["type"])
        out.note(kind, kind == "call" or kind in ("text", "thinking") and block.get(kind))
        out.text += block.get("text") or "" if block["type"] == "text" else ""
        out.thinking += block.get("thinking") or "" if block["type"] == "thinking" else ""
        if block["type"] == "tool_use":
            arguments = block["input"]
            arguments = arguments if isinstance(arguments, str) else json.dumps(arguments)
            out.calls.append((block["id"], block["name"], arguments or "{}"))
    if answer.get("stop_reason") == "refusal":
        out.refusal, out.text = out.text or (answer.get("stop_details") or {}).get("explanation") or "", ""
    return out.end(MESSAGES_REASONS, answer.get("stop_reason"))


def messages_streamed(events):
    message, failed, ended = {}, None, False
    for event in events:
        kind = event["type"]
        if kind == "message_start":
            failed = failed or ("two answers" if message else None)
            message = {**event["message"], "content": []}
        elif kind == "content_block_start":
            block = dict(event["content_block"])
            message["content"].append({**block, "input": ""} if block["type"] == "tool_use" else block)
        elif kind == "content_block_delta":
            delta, block = event["delta"], message["content"][event["index"]]
            for name, into in (("text", "text"), ("thinking", "thinking"), ("partial_json", "input")):
                if name in delta and isinstance(block.get(into, ""), str):
                    block[into] = block.get(into, "") + delta[name]
        elif kind == "message_delta":
            message.update(event["delta"])
            counted = {name: value for name, value in (event.get("usage") or {}).items() if value is not None}
            message["usage"] = {**message.get("usage", {}), **counted}
        failed = event["error"] if kind == "error" else failed
        if kind == "message_stop":  # what comes behind the end is no part of this answer
            ended = True
            break
    out = messages_whole(message)
    out.error = out.error or failed or (None if ended else "cut")
    return out


# -- generateContent

def gemini_usage(usage):
    if not usage:
        return None
    thought = number(usage, "thoughtsTokenCount")
    return buckets(number(usage, "promptTokenCount") + number(usage, "toolUsePromptTokenCount"),
                   number(usage, "cachedContentTokenCount"), 0, number(usage, "candidatesTokenCount") + thought,
                   thought)


def gemini_streamed(chunks):
    out, reason, why = Said(), None, None
    for chunk in chunks:
        out.error = out.error or chunk.get("error")
        out.usage = gemini_usage(chunk.get("usageMetadata")) or out.usage
        for candidate in (chunk.get("candidates") or [])[:1]:
            reason = candidate.get("finishReason") or reason
            why = candidate.get("finishMessage") or why
            out.error = out.error or reason in GEMINI_FAILURES and reason
            for part in (candidate.get("content") or {}).get("parts") or []:
                gemini_part(out, part)
    out.end(GEMINI_REASONS, reason)
    if out.stop == "filter" and why and not out.kinds:  # no word but why
        out.stop = "declined"
    return out


def fenced(language, text):
    return f"\n```{language}\n{text}" + "\n" * (not text.endswith("\n")) + "```\n"


def gemini_part(out, part):
    if "functionCall" in part:
        call = part["functionCall"]
        in_pieces = call.get("willContinue") or "partialArgs" in call
        if "name" in call:  # what comes in pieces is not put together here
            arguments = None if in_pieces else json.dumps(call.get("args") or {})
            out.calls.append((call.get("id"), call["name"], arguments))
            out.note("call")
    elif "executableCode" in part:
        code = part["executableCode"]
        out.text += fenced(code["language"].lower(), code["code"])
        out.note("text")
    elif "codeExecutionResult" in part:
        out.text += fenced("", part["codeExecutionResult"].get("output", ""))
    elif part.get("thought"):
        out.thinking += part.get("text") or ""
        out.note("thinking", part.get("text"))
    else:
        out.text += part.get("text") or ""
        out.note("text", part.get("text"))


def gemini_whole(answer):
    return gemini_streamed(answer if isinstance(answer, list) else [answer])


WHOLE = {CHAT: chat_whole, RESPONSES: responses_whole, MESSAGES: messages_whole, GEMINI: gemini_whole}
STREAMED = {CHAT: chat_streamed, RESPONSES: responses_streamed, MESSAGES: messages_streamed,
            GEMINI: gemini_streamed}
