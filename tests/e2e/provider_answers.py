"""What the scripted provider answers, in the form of each API: whole answers as bytes, streams as a
list of server-sent events, also bytes."""
import base64
import json
import struct

WORDS = ["Hello", ", ", "this", " is", " an", " answer", " with", " ünïcode", " — and \"quotes\"", "."]
TEXT = "".join(WORDS)
ARGUMENTS = ['{"city":', ' "Par', 'is", "unit"', ': "celsius"}']
TOOL_NAME = "get_weather"
AFTER_TOOL = ["It", " is", " 21", " degrees", "."]
VECTOR = [0.25, -0.5, 0.125, 1.0]
CREATED = 1_790_000_000

ERROR_TYPES = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error",
               403: "permission_error", 404: "not_found_error", 413: "request_too_large",
               429: "rate_limit_error", 500: "api_error", 502: "api_error", 503: "api_error",
               529: "overloaded_error"}
ERROR_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def dump(value):
    return json.dumps(value, ensure_ascii=False).encode()


def event(value, name=None):
    return (b"event: %s\n" % name.encode() if name else b"") + b"data: %s\n\n" % dump(value)


def error(operation, status, request_id, message=None):
    message = message or f"scripted failure {status}"
    kind = ERROR_TYPES.get(status, "api_error")
    if operation in ("messages", "count_tokens"):
        return dump({"type": "error", "error": {"type": kind, "message": message},
                     "request_id": request_id})
    return dump({"error": {"message": message, "type": kind, "param": None,
                           "code": ERROR_CODES.get(status)}})


class Script:
    """What is said: text, or one call of a tool where the request offers it and has no answer yet."""

    def __init__(self, body, repeat=1):
        self.model = body["model"]
        self.tool = self.model.endswith("tool") and bool(body.get("tools"))
        answered = b'"role": "tool"' in dump(body) or any(
            kind in dump(body) for kind in (b'"tool_result"', b'"function_call_output"'))
        self.words = (AFTER_TOOL if answered else WORDS) * repeat
        self.tool = self.tool and not answered
        self.text = "".join(self.words)
        self.input, self.output = 11, len(self.words)


def chat_usage(script):
    return {"prompt_tokens": script.input, "completion_tokens": script.output,
            "total_tokens": script.input + script.output,
            "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}}


def chat(script):
    message = {"role": "assistant", "content": script.text, "refusal": None}
    if script.tool:
        message.update(content=None, tool_calls=[{
            "id": "call_1", "type": "function",
            "function": {"name": TOOL_NAME, "arguments": "".join(ARGUMENTS)}}])
    return dump({"id": "chatcmpl-1", "object": "chat.completion", "created": CREATED,
                 "model": script.model + "-2026", "choices": [{
                     "index": 0, "message": message, "logprobs": None,
                     "finish_reason": "tool_calls" if script.tool else "stop"}],
                 "usage": chat_usage(script), "system_fingerprint": "fp_1"})


def chat_stream(script, include_usage):
    def chunk(delta, finish=None):
        value = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED,
                 "model": script.model + "-2026", "choices": [
                     {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}
        if include_usage:
            value["usage"] = None
        return event(value)

    yield chunk({"role": "assistant", "content": None if script.tool else "", "refusal": None})
    if script.tool:
        yield chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                                     "function": {"name": TOOL_NAME, "arguments": ""}}]})
        for part in ARGUMENTS:
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]})
    else:
        for word in script.words:
            yield chunk({"content": word})
    yield chunk({}, "tool_calls" if script.tool else "stop")
    if include_usage:
        yield event({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED,
                     "model": script.model + "-2026", "choices": [], "usage": chat_usage(script)})
    yield b"data: [DONE]\n\n"


def completions(script):
    return dump({"id": "cmpl-1", "object": "text_completion", "created": CREATED,
                 "model": script.model, "choices": [{"index": 0, "text": script.text,
                                                     "logprobs": None, "finish_reason": "stop"}],
                 "usage": chat_usage(script)})


def completions_stream(script, include_usage):
    def chunk(text, finish=None):
        return event({"id": "cmpl-1", "object": "text_completion", "created": CREATED,
                      "model": script.model, "choices": [
                          {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}]})

    for word in script.words:
        yield chunk(word)
    yield chunk("", "stop")
    if include_usage:
        yield event({"id": "cmpl-1", "object": "text_completion", "created": CREATED,
                     "model": script.model, "choices": [], "usage": chat_usage(script)})
    yield b"data: [DONE]\n\n"


def embeddings(body):
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vector = VECTOR
    if body.get("encoding_format") == "base64":
        vector = base64.b64encode(struct.pack(f"<{len(VECTOR)}f", *VECTOR)).decode()
    return dump({"object": "list", "model": body["model"], "data": [
        {"object": "embedding", "index": n, "embedding": vector} for n in range(len(texts))],
        "usage": {"prompt_tokens": 5, "total_tokens": 5}})


# -- Responses

def responses_item(script, done=True):
    if script.tool:
        return {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": TOOL_NAME,
                "arguments": "".join(ARGUMENTS) if done else "",
                "status": "completed" if done else "in_progress"}
    part = {"type": "output_text", "text": script.text, "annotations": [], "logprobs": []}
    return {"type": "message", "id": "msg_1", "role": "assistant",
            "status": "completed" if done else "in_progress", "content": [part] if done else []}


def responses_object(script, done=True):
    usage = {"input_tokens": script.input, "input_tokens_details": {"cached_tokens": 3},
             "output_tokens": script.output, "output_tokens_details": {"reasoning_tokens": 0},
             "total_tokens": script.input + script.output}
    return {"id": "resp_1", "object": "response", "created_at": CREATED, "model": script.model,
            "status": "completed" if done else "in_progress", "error": None,
            "incomplete_details": None, "instructions": None, "metadata": {}, "temperature": 1.0,
            "top_p": 1.0, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
            "output": [responses_item(script)] if done else [], "usage": usage if done else None}


def responses(script):
    return dump(responses_object(script))


def responses_stream(script):
    number = 0

    def say(kind, **more):
        nonlocal number
        number += 1
        return event({"type": kind, "sequence_number": number - 1, **more}, kind)

    yield say("response.created", response=responses_object(script, done=False))
    yield say("response.in_progress", response=responses_object(script, done=False))
    yield say("response.output_item.added", output_index=0, item=responses_item(script, done=False))
    if script.tool:
        place = {"item_id": "fc_1", "output_index": 0}
        for part in ARGUMENTS:
            yield say("response.function_call_arguments.delta", delta=part, **place)
        yield say("response.function_call_arguments.done", name=TOOL_NAME,
                  arguments="".join(ARGUMENTS), **place)
    else:
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        yield say("response.content_part.added", part=empty, **place)
        for word in script.words:
            yield say("response.output_text.delta", delta=word, logprobs=[], **place)
        yield say("response.output_text.done", text=script.text, logprobs=[], **place)
        yield say("response.content_part.done", part=dict(empty, text=script.text), **place)
    yield say("response.output_item.done", output_index=0, item=responses_item(script))
    yield say("response.completed", response=responses_object(script))


# -- Messages

def messages_object(script, done=True):
    content = [{"type": "text", "text": script.text}]
    if script.tool:
        content = [{"type": "tool_use", "id": "toolu_1", "name": TOOL_NAME,
                    "input": json.loads("".join(ARGUMENTS))}]
    stop = "tool_use" if script.tool else "end_turn"
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": script.model,
            "content": content if done else [], "stop_reason": stop if done else None,
            "stop_sequence": None,
            "usage": {"input_tokens": script.input, "cache_creation_input_tokens": 2,
                      "cache_read_input_tokens": 3, "output_tokens": script.output if done else 1,
                      "service_tier": "standard"}}


def messages(script):
    return dump(messages_object(script))


def messages_stream(script):
    def say(kind, **more):
        return event({"type": kind, **more}, kind)

    yield say("message_start", message=messages_object(script, done=False))
    if script.tool:
        yield say("content_block_start", index=0, content_block={
            "type": "tool_use", "id": "toolu_1", "name": TOOL_NAME, "input": {}})
        yield say("ping")
        for part in ARGUMENTS:
            yield say("content_block_delta", index=0,
                      delta={"type": "input_json_delta", "partial_json": part})
    else:
        yield say("content_block_start", index=0, content_block={"type": "text", "text": ""})
        yield say("ping")
        for word in script.words:
            yield say("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
    yield say("content_block_stop", index=0)
    yield say("message_delta",
              delta={"stop_reason": "tool_use" if script.tool else "end_turn", "stop_sequence": None},
              usage={"output_tokens": script.output})
    yield say("message_stop")


def whole(operation, body, script):
    if operation == "embeddings":
        return embeddings(body)
    if operation == "count_tokens":
        return dump({"input_tokens": 42})
    return {"chat": chat, "completions": completions, "responses": responses,
            "messages": messages}[operation](script)


def stream(operation, body, script):
    include_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    if operation == "chat":
        return chat_stream(script, include_usage)
    if operation == "completions":
        return completions_stream(script, include_usage)
    return {"responses": responses_stream, "messages": messages_stream}[operation](script)


def models(anthropic):
    ids = ["ok", "tool", "org/ok"]
    if anthropic:
        return dump({"data": [{"type": "model", "id": one, "display_name": one,
                               "created_at": "2026-01-01T00:00:00Z"} for one in ids],
                     "has_more": False, "first_id": ids[0], "last_id": ids[-1]})
    return dump({"object": "list", "data": [
        {"id": one, "object": "model", "created": CREATED, "owned_by": "test"} for one in ids]})
