"""Chat Completions as a strict compatible server speaks it."""
import re

from provider_rules import CHAT_FIELDS, check_chat
from scenario import dump, ordered, pieces

ID = "chatcmpl-up1"
MODEL = "gpt-5.5"  # of another name it is a server that is only compatible
MOVED_IMAGE = re.compile(r"Images returned by tool call (\S+):")
MESSAGE_FIELDS = {"system": {"role", "content", "name"}, "developer": {"role", "content", "name"},
                  "user": {"role", "content", "name"},
                  "assistant": {"role", "content", "refusal", "name", "tool_calls",
                                "reasoning_content"},
                  "tool": {"role", "content", "tool_call_id"}}


def path(model, stream):
    return "/v1/chat/completions"


def refuses(body, again, translated):
    yield from check_chat(body)
    for n, message in enumerate(body["messages"]):
        for wrong in refuses_message(message, translated):
            yield f"messages[{n}]: {wrong}"
        if translated and message["role"] == "developer" and not is_openai(body):
            yield "'developer' is not one of ['system', 'assistant', 'user', 'tool']"
    yield from refuses_order(body["messages"])
    yield from refuses_settings(body)


def refuses_message(message, translated):
    role = message["role"]
    if role not in MESSAGE_FIELDS:
        yield f"'{role}' is not one of {sorted(MESSAGE_FIELDS)}"
        return
    for name in set(message) - MESSAGE_FIELDS[role]:
        yield f"{name} is not known of {role}"
    content = message.get("content")
    if role == "assistant" and content in (None, "") and not message.get("tool_calls"):
        yield "an assistant says and calls nothing"
    if content == []:
        yield "content has no parts"
    for part in content if isinstance(content, list) else []:
        if part["type"] == "text" and not part["text"]:
            yield "an empty text"
        elif part["type"] == "image_url" and not re.match("data:image/|https?://", part["image_url"]["url"]):
            yield "an image that is none"
        elif part["type"] == "file" and not part["file"].get("file_data", "").startswith("data:"):
            yield "file_data is no data: URL"
        if role in ("tool", "system", "developer", "assistant") and part["type"] not in ("text", "refusal"):
            yield f"{part['type']} in a message of {role}"
    for call in message.get("tool_calls", []):
        if set(call) != {"id", "type", "function"} or call["type"] != "function":
            yield f"a call with {sorted(call)}"
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", call.get("id", "")):
            yield f"call id {call.get('id')!r}"
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", call["function"]["name"]):
            yield f"name {call['function']['name']!r}"
        try:
            said = call["function"]["arguments"]
            if ordered(said if translated else said or "{}")[0] != "object":
                yield "arguments are no object"
        except ValueError:
            yield "arguments are no JSON"


def refuses_order(messages):
    open_calls = []
    for n, message in enumerate(messages):
        if message["role"] == "tool":
            if not open_calls or message["tool_call_id"] != open_calls.pop(0):
                yield f"messages[{n}]: not the answer to the next call"
        elif open_calls:
            yield f"messages[{n}]: {message['role']} before the answers to {open_calls}"
        open_calls = open_calls or [call["id"] for call in message.get("tool_calls", [])]


def is_openai(body):
    return body["model"].startswith("gpt-")


def refuses_settings(body):
    if is_openai(body) and "max_tokens" in body:
        yield "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead"
    if not is_openai(body) and "reasoning_effort" in body:
        yield "reasoning_effort is not known"
    if "max_tokens" in body and "max_completion_tokens" in body:
        yield "max_tokens and max_completion_tokens"
    if body.get("stream") and not (body.get("stream_options") or {}).get("include_usage"):
        yield "usage was not asked for"
    if body.get("tools") == []:
        yield "tools is empty"
    for name in ("tool_choice", "parallel_tool_calls"):
        if name in body and not body.get("tools"):
            yield f"{name} without tools"
    if not isinstance(body.get("stop", ""), (str, list)) or len(body.get("stop") or []) > 4:
        yield f"stop is {body['stop']!r}"
    for tool in body.get("tools", []):
        extra = set(tool["function"]) - {"name", "description", "parameters", "strict"}
        if extra or tool["function"].get("description", "") is None:
            yield f"a tool with {extra or 'description null'}"
    form = body.get("response_format", {"type": "text"})
    if form["type"] == "json_schema" and not re.fullmatch(
            r"[A-Za-z0-9_-]{1,64}", form["json_schema"].get("name", "")):
        yield "json_schema has no good name"
    for name in CHAT_FIELDS & {key for key, value in body.items() if value is None}:
        yield f"{name} is null"


def read(body):
    """The conversation as it was sent."""
    turns = []
    for message in body["messages"]:
        role, content = message["role"], message.get("content") or []
        parts = [("text", content)] if isinstance(content, str) else [read_part(part) for part in content]
        if role == "tool":
            turns.append(("user", [("result", message["tool_call_id"], parts)]))
        elif role == "user" and parts and (moved := MOVED_IMAGE.fullmatch(str(parts[0][1]))):
            turns.append(("user", moved_back(turns, moved[1], parts[1:])))
        else:
            calls = [("call", call["id"], call["function"]["name"], ordered(call["function"]["arguments"] or "{}"))
                     for call in message.get("tool_calls", [])]
            turns.append(("system" if role == "developer" else role, parts + calls))
    return turns


def moved_back(turns, call, images):
    """Images that the dialect has no room for in the result they belong to; returns what is left."""
    for _, parts in turns:
        for part in parts:
            if part[0] == "result" and part[1] == call:
                part[2].extend(images)
                return []
    return images


def read_part(part):
    if part["type"] == "text":
        return ("text", part["text"])
    url = part["image_url"]["url"] if part["type"] == "image_url" else part["file"]["file_data"]
    kind, data = re.fullmatch(r"data:([a-z/+]+);base64,(.*)", url).groups()
    return ("image" if part["type"] == "image_url" else "document", kind, data)


def read_tools(body):
    return [(tool["function"]["name"], tool["function"].get("description"),
             tool["function"].get("parameters")) for tool in body.get("tools", [])]


def kept_state(body, thinking):
    """What of the model's thinking came back wrongly."""
    said = [message for message in body["messages"] if message["role"] == "assistant"][-1]
    if said.get("reasoning_content", "") != "".join(thinking["thinking"]):
        yield f"reasoning_content is {said.get('reasoning_content')!r}"


def usage(scenario):
    if "said" in scenario.facts:
        return scenario.facts["said"]["openai-chat"]
    n = scenario.usage()
    prompt = n["input"] + n["cache_read"] + n["cache_write"]
    return {"prompt_tokens": prompt, "completion_tokens": n["output"],
            "total_tokens": prompt + n["output"],
            "prompt_tokens_details": {"cached_tokens": n["cache_read"],
                                      "cache_write_tokens": n["cache_write"]},
            "completion_tokens_details": {"reasoning_tokens": n["thinking"]}}


def whole(scenario):
    message = {"role": "assistant", "content": None, "refusal": None}
    calls = []
    for part in scenario.answer:
        for kind, name in (("text", "content"), ("refusal", "refusal"), ("thinking", "reasoning_content")):
            if kind in part:
                message[name] = (message.get(name) or "") + "".join(pieces(part, kind))
        if "call" in part:
            calls.append({"id": part["call"], "type": "function", "function": {
                "name": part["name"], "arguments": "".join(part["arguments"])}})
    if calls:
        message["tool_calls"] = calls
    answer = {"id": ID, "object": "chat.completion", "created": 1790000000, "model": MODEL, "choices": [
        {"index": 0, "message": message, "logprobs": None, "finish_reason": scenario.stop["openai-chat"]}]}
    return dump(answer if scenario.unsaid_usage else {**answer, "usage": usage(scenario)})


def events(scenario):
    def chunk(delta=None, reason=None, **more):
        choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None,
                                             "finish_reason": reason}]
        return "data: " + dump({"id": ID, "object": "chat.completion.chunk", "created": 1790000000,
                                "model": MODEL, "choices": choices, **more}) + "\n\n"

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    calls = [part for part in scenario.answer if "call" in part]
    for part in scenario.answer:
        for kind, name in (("text", "content"), ("refusal", "refusal"), ("thinking", "reasoning_content")):
            for piece in pieces(part, kind) if kind in part else []:
                yield chunk({name: piece})
    for delta in call_deltas(calls, scenario.facts.get("interleaved")):
        yield chunk({"tool_calls": [delta]})
    yield chunk({}, scenario.stop["openai-chat"])
    if not scenario.unsaid_usage:
        yield chunk(usage=usage(scenario))
    yield "data: [DONE]\n\n"


def call_deltas(calls, interleaved):
    def begin(n):
        return {"index": n, "id": calls[n]["call"], "type": "function",
                "function": {"name": calls[n]["name"], "arguments": ""}}

    def pieces_of(n):
        said = [] if calls[n].get("nothing") else calls[n]["arguments"]
        return [{"index": n, "function": {"arguments": piece}} for piece in said]
    numbers = range(len(calls))
    if not interleaved:
        return [delta for n in numbers for delta in [begin(n), *pieces_of(n)]]
    return [begin(n) for n in numbers] + [delta for row in zip(*map(pieces_of, numbers)) for delta in row]


def stream_error(message):
    failure = {"message": message, "type": "server_error", "param": None, "code": "server_error"}
    return "data: " + dump({"error": failure}) + "\n\n"


def error(status, message, code=None):
    code = code or {404: "model_not_found", 429: "rate_limit_exceeded"}.get(status)
    return dump({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})
