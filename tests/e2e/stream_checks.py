"""Is a stream a legal sequence of its dialect? Each checker takes the bytes of a whole stream and raises
AssertionError for the first thing that the dialect does not allow. `ended`: it has its own ending, not
an error."""
import json

from scenario import CHAT, GEMINI, MESSAGES, RESPONSES


def events_of(stream):
    """(type, data) of each event; nothing but them may be there."""
    text = stream.decode("utf-8").replace("\r\n", "\n")
    assert text.endswith("\n\n"), f"the last event has no end: {text[-80:]!r}"
    for block in text[:-2].split("\n\n"):
        kind, data = None, []
        for line in block.split("\n"):
            name, _, value = line.partition(": ")
            assert name in ("event", "data"), f"a line {line!r}"
            if name == "event":
                kind = value
            else:
                data.append(value)
        yield kind, "\n".join(data)


def check_chat(stream, ended=True):
    events = list(events_of(stream))
    assert all(kind is None for kind, _ in events), "Chat has no event: lines"
    done = [data == "[DONE]" for _, data in events]
    if not ended:
        assert not any(done), "[DONE] behind an error"
        last = json.loads(events[-1][1])
        check_openai_error(last["error"])
        events = events[:-1]
    else:
        assert done == [False] * (len(events) - 1) + [True], "[DONE] is not once and last"
        events = events[:-1]
    chunks = [json.loads(data) for _, data in events]
    for name in ("id", "model", "created", "object"):
        assert len({chunk[name] for chunk in chunks}) == 1, f"{name} changes"
    assert chunks[0]["object"] == "chat.completion.chunk"
    check_chat_chunks(chunks, ended)


def check_openai_error(error):
    assert isinstance(error["message"], str) and error["message"], error
    assert isinstance(error["type"], str) and isinstance(error.get("code", ""), (str, type(None))), error


def check_chat_chunks(chunks, ended):
    usages = [n for n, chunk in enumerate(chunks) if chunk.get("usage")]
    assert usages in ([], [len(chunks) - 1]), f"usage in the chunks {usages} of {len(chunks)}"
    if usages:
        assert chunks[-1]["choices"] == [], "the chunk of the usage has choices"
        chunks = chunks[:-1]
    finished, calls = None, {}
    for n, chunk in enumerate(chunks):
        assert len(chunk["choices"]) == 1 and chunk["choices"][0]["index"] == 0, chunk
        choice = chunk["choices"][0]
        delta = choice["delta"]
        assert (delta.get("role") == "assistant") == (n == 0), f"role in chunk {n}"
        assert finished is None, f"a chunk behind finish_reason: {chunk}"
        finished = choice["finish_reason"]
        for call in delta.get("tool_calls", []):
            check_chat_call(calls, call)
    assert bool(finished) == ended, f"finish_reason is {finished!r}"
    if ended:
        assert finished in ("stop", "length", "tool_calls", "content_filter"), finished
        assert not calls or finished != "stop", "calls, but the reason is stop"
    for n, arguments in calls.items():
        assert finished != "tool_calls" or isinstance(json.loads(arguments or "{}"), dict), f"call {n}: {arguments!r}"


def check_chat_call(calls, call):
    n = call["index"]
    if n not in calls:
        assert n == len(calls), f"index {n} after {list(calls)}"
        kind = call["type"]
        assert call["id"] and kind in ("function", "custom") and call[kind]["name"], call
        calls[n] = "" if kind == "function" else None  # what is no JSON is not looked into
    else:
        assert not call.get("id") and not call.get("function", {}).get("name"), f"call {n} begins twice"
    if calls[n] is not None:
        calls[n] += call["function"].get("arguments", "")


ITEM_EVENTS = {
    "message": {"response.content_part.added", "response.content_part.done", "response.output_text.delta",
                "response.output_text.done", "response.refusal.delta", "response.refusal.done",
                "response.output_text.annotation.added"},
    "function_call": {"response.function_call_arguments.delta", "response.function_call_arguments.done"},
    "custom_tool_call": {"response.custom_tool_call_input.delta", "response.custom_tool_call_input.done"},
    "reasoning": {"response.reasoning_summary_part.added", "response.reasoning_summary_part.done",
                  "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done"}}
TERMINAL = ("response.completed", "response.incomplete", "response.failed")


def check_responses(stream, ended=True):
    events = []
    for kind, data in events_of(stream):
        event = json.loads(data)
        assert kind == event["type"], f"event: {kind} of type {event['type']}"
        events.append(event)
    for n, event in enumerate(events):
        assert event["sequence_number"] == n, f"sequence_number {event['sequence_number']} of event {n}"
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"], kinds[:2]
    assert [kind for kind in kinds if kind in TERMINAL] == kinds[-1:], "not one terminal event at the end"
    if not ended:
        assert kinds[-2:] == ["error", "response.failed"], kinds[-3:]
        error = events[-1]["response"]["error"]
        assert error["code"] and error["message"], error
    else:
        assert kinds[-1] != "response.failed" and "error" not in kinds, kinds
    ids = {event["response"]["id"] for event in events if "response" in event}
    models = {event["response"]["model"] for event in events if "response" in event}
    assert len(ids) == 1 and len(models) == 1, (ids, models)
    assert events[0]["response"]["status"] == "in_progress" and events[0]["response"]["output"] == []
    items = check_items([event for event in events[2:] if event["type"] not in (*TERMINAL, "error", "keepalive")],
                        ended)
    if ended:
        final = events[-1]["response"]
        assert final["output"] == items, f"the end repeats {final['output']}\ninstead of {items}"
        check_response(final)


def check_response(final):
    """Fields that must be there, and those that must not be null."""
    for name in ("id object created_at status model output parallel_tool_calls temperature top_p"
                 " presence_penalty frequency_penalty top_logprobs tool_choice tools truncation text store"
                 " background service_tier metadata").split():
        assert final.get(name) is not None, f"response.{name} is missing"
    for name in ("completed_at error incomplete_details instructions max_output_tokens max_tool_calls"
                 " previous_response_id reasoning usage safety_identifier prompt_cache_key").split():
        assert name in final, f"response.{name} is missing"
    if usage := final["usage"]:
        assert usage["total_tokens"] >= 0, usage
        assert usage["input_tokens_details"]["cached_tokens"] >= 0, usage
        assert usage["output_tokens_details"]["reasoning_tokens"] >= 0, usage


def check_items(events, ended):
    """Items as they were done, in the order in which they were added."""
    items, done = [], {}
    for event in events:
        kind, n = event["type"], event["output_index"]
        if kind == "response.output_item.added":
            assert n == len(items), f"output_index {n} after {len(items)} items"
            item = event["item"]
            empty = item.get("content", []) == [] and item.get("arguments", "") == "" and not item.get("summary")
            assert empty, f"an item is added with content: {item}"
            items.append(Item(item))
            continue
        assert n < len(items) and n not in done, f"{kind} of item {n}, which is not open"
        if kind == "response.output_item.done":
            done[n] = event["item"]
            items[n].finish(event["item"])
        else:
            items[n].take(event)
    assert not ended or len(done) == len(items), "an item is not done"
    return [done[n] for n in sorted(done)]


class Item:
    def __init__(self, item):
        self.id, self.kind = item["id"], item["type"]
        self.parts = {}  # by content_index or summary_index: text, text done, part done
        self.arguments, self.arguments_done = "", None
        assert item.get("status", "in_progress") == "in_progress", item

    def take(self, event):
        kind = event["type"]
        assert kind in ITEM_EVENTS[self.kind], f"{kind} in a {self.kind}"
        assert event["item_id"] == self.id, f"{kind} of {event['item_id']} in {self.id}"
        verb = kind.rsplit(".", 1)[1]
        if self.kind in ("function_call", "custom_tool_call"):
            assert self.arguments_done is None, f"{kind} behind done"
            if verb == "delta":
                self.arguments += event["delta"]
            else:
                self.arguments_done = event.get("arguments", event.get("input"))
                assert self.arguments in ("", self.arguments_done), (self.arguments, self.arguments_done)
            return
        index = event["summary_index" if self.kind == "reasoning" else "content_index"]
        if "_part.added" in kind:
            assert index == len(self.parts), f"part {index} after {len(self.parts)}"
            self.parts[index] = ["", None, None]
            return
        part = self.parts[index]
        assert part[2] is None, f"{kind} behind the part's end"
        if verb == "delta":
            assert part[1] is None and event["delta"], f"a delta {event}"
            part[0] += event["delta"]
        elif "_part.done" in kind:
            part[2] = event["part"]
            said = part[2].get("text", part[2].get("refusal"))
            assert part[0] == part[1] == said, (part, said)
        elif verb == "done":
            assert part[1] is None, f"{kind} twice"
            part[1] = event.get("text", event.get("refusal"))
        if "output_text" in kind:
            assert verb == "added" or event["logprobs"] == [], f"{kind} has no logprobs"

    def finish(self, item):
        assert item["id"] == self.id and item["type"] == self.kind, item
        if self.kind in ("function_call", "custom_tool_call"):
            assert self.arguments_done == item.get("arguments", item.get("input")) is not None, item
            return
        shown = item["summary"] if self.kind == "reasoning" else item["content"]
        assert [part[2] for _, part in sorted(self.parts.items())] == shown, (self.parts, shown)


MESSAGE_DELTAS = {"text": {"text_delta", "citations_delta"}, "thinking": {"thinking_delta", "signature_delta"},
                  "tool_use": {"input_json_delta"}, "redacted_thinking": set()}


def check_messages(stream, ended=True):
    events = []
    for kind, data in events_of(stream):
        event = json.loads(data)
        assert kind == event["type"], f"event: {kind} of type {event['type']}"
        events.append(event)
    events = [event for event in events if event["type"] != "ping"]
    assert events[0]["type"] == "message_start", events[0]
    check_message_start(events[0]["message"])
    if ended:
        kinds = [event["type"] for event in events]
        assert kinds[-2:] == ["message_delta", "message_stop"], kinds[-3:]
        check_message_delta(events[-2])
        blocks = events[1:-2]
    else:
        assert events[-1]["type"] == "error", events[-1]
        assert events[-1]["error"]["type"] and events[-1]["error"]["message"], events[-1]
        blocks = events[1:-1]
    check_blocks(blocks, ended, events[-2]["delta"]["stop_reason"] if ended else None)


def check_message_start(message):
    for name in ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"):
        assert name in message, f"message_start has no {name}"
    assert message["content"] == [] and message["stop_reason"] is None, message
    assert message["usage"]["input_tokens"] >= 0 and message["usage"]["output_tokens"] >= 0, message["usage"]


def check_message_delta(event):
    assert event["delta"]["stop_reason"] in (
        "end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal",
        "model_context_window_exceeded"), event
    assert "stop_sequence" in event["delta"], event
    for name in ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"):
        assert isinstance(event["usage"].get(name), int) and event["usage"][name] >= 0, event["usage"]


def check_blocks(events, ended, reason):
    begun, block, calls = 0, None, 0
    for event in events:
        kind = event["type"]
        assert event["index"] == begun - (kind != "content_block_start"), f"{kind} of block {event['index']}"
        if kind == "content_block_start":
            assert block is None, "a block begins in another"
            block = dict(event["content_block"], said="", signed=0)
            begun += 1
            calls += block["type"] == "tool_use"
            assert not block.get("text") and not block.get("thinking") and not block.get("input"), block
        elif kind == "content_block_delta":
            delta = event["delta"]
            assert delta["type"] in MESSAGE_DELTAS[block["type"]], f"{delta['type']} in {block['type']}"
            assert not block["signed"], "a delta behind the signature"
            block["signed"] += delta["type"] == "signature_delta"
            block["said"] += delta.get("text", delta.get("thinking", delta.get("partial_json", "")))
        else:
            assert kind == "content_block_stop", kind
            if block["type"] == "text":
                assert block["said"], "an empty text block"
            if block["type"] == "tool_use" and reason == "tool_use":
                assert isinstance(json.loads(block["said"] or "{}"), dict), block["said"]
            block = None
    assert block is None or not ended, "a block is open at the end"
    assert not ended or not calls or reason in ("tool_use", "max_tokens", "refusal"), reason


def check_gemini(stream, ended=True):
    events = list(events_of(stream))
    assert all(kind is None and data != "[DONE]" for kind, data in events), "event: or [DONE]"
    chunks = [json.loads(data) for _, data in events]
    if not ended:
        assert chunks[-1]["error"]["message"] and chunks[-1]["error"]["status"], chunks[-1]
        chunks = chunks[:-1]
    ids = {chunk["responseId"] for chunk in chunks}
    assert len(ids) <= 1, ids
    finishes = [n for n, chunk in enumerate(chunks) for one in chunk.get("candidates", [])
                if one.get("finishReason")]
    assert finishes == ([len(chunks) - 1] if ended else []), f"finishReason in {finishes} of {len(chunks)}"
    for chunk in chunks:
        assert len(chunk["candidates"]) == 1, chunk
        for part in chunk["candidates"][0]["content"]["parts"]:
            assert len(set(part) & {"text", "functionCall", "inlineData"}) == 1, part
            assert "functionCall" not in part or isinstance(part["functionCall"]["args"], dict), part
    counted = ["usageMetadata" in chunk for chunk in chunks]  # nowhere, if the provider does not count
    assert not ended or counted[-1] or not any(counted), "the last chunk has no usageMetadata"


CHECKS = {CHAT: check_chat, RESPONSES: check_responses, MESSAGES: check_messages, GEMINI: check_gemini}
