"""Responses as the API of its maker speaks it."""
import re

from provider_rules import RESPONSES_FIELDS, check_responses
from scenario import dump, ordered, pieces

MODEL = "gpt-5.6"
ITEM_FIELDS = {
    "message": {"type", "role", "content", "phase", "id", "status"},
    "function_call": {"type", "call_id", "name", "arguments", "namespace", "id", "status"},
    "function_call_output": {"type", "call_id", "output", "id", "status"},
    "reasoning": {"type", "id", "summary", "content", "encrypted_content"}}
PART_FIELDS = {
    "input_text": {"type", "text"}, "output_text": {"type", "text", "annotations", "logprobs"},
    "refusal": {"type", "refusal"}, "input_image": {"type", "image_url", "detail", "file_id"},
    "input_file": {"type", "file_data", "filename", "file_id", "file_url"}}


def path(model, stream):
    return "/v1/responses"


def refuses(body, again, translated):
    yield from check_responses(body)
    items = body["input"] if isinstance(body["input"], list) else []
    for n, item in enumerate(items):
        for wrong in refuses_item(item):
            yield f"input[{n}]: {wrong}"
    yield from refuses_order(items)
    yield from refuses_settings(body, translated)


def refuses_item(item):
    kind = item.get("type", "message")
    if kind not in ITEM_FIELDS:
        yield f"type {kind!r}"
        return
    for name in set(item) - ITEM_FIELDS[kind]:
        yield f"Unknown parameter: {name!r} of {kind}"
    prefix = {"message": "msg", "function_call": "fc", "reasoning": "rs", "function_call_output": "fc"}[kind]
    if "id" in item and not str(item["id"]).startswith(prefix):
        yield f"Expected an ID that begins with '{prefix}': {item['id']!r}"
    if "call_id" in item and not re.fullmatch(r"\S{1,64}", item["call_id"]):
        yield f"call_id {item['call_id']!r}"
    if kind == "function_call":
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", item["name"]):
            yield f"name {item['name']!r}"
        if ordered(item["arguments"])[0] != "object":
            yield "arguments are no object"
    if kind == "reasoning" and not isinstance(item.get("summary"), list):
        yield "reasoning without summary"
    if kind == "reasoning" and str(item.get("encrypted_content")).startswith("r1."):
        yield "invalid_encrypted_content"
    wanted = {"assistant": ("output_text", "refusal")}.get(
        item.get("role"), ("input_text", "input_image", "input_file"))
    parts = item.get("content") if kind == "message" else item.get("output")
    for part in parts if isinstance(parts, list) else []:
        if part["type"] not in wanted:
            yield f"part {part['type']!r} of {item.get('role', kind)}"
        elif set(part) - PART_FIELDS[part["type"]]:
            yield f"part {part['type']} with {sorted(part)}"
    if kind == "message" and item.get("role") not in ("user", "assistant", "system", "developer"):
        yield f"role {item.get('role')!r}"


def refuses_order(items):
    calls = [item["call_id"] for item in items if item.get("type") == "function_call"]
    outputs = [item["call_id"] for item in items if item.get("type") == "function_call_output"]
    if sorted(calls) != sorted(outputs) or len(set(calls)) != len(calls):
        yield f"calls {calls} have the outputs {outputs}"
    for item, following in zip(items, [*items[1:], {}]):
        follows = following.get("type", "message")
        if item.get("type") == "reasoning" and not (
                follows in ("function_call", "reasoning") or following.get("role") == "assistant"):
            yield "a reasoning item without its required following item"


def refuses_settings(body, translated):
    if body.get("max_output_tokens", 16) < 16:
        yield "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16"
    for tool in body.get("tools", []):
        strict = tool.get("strict", translated)  # unsaid, it makes of a schema what it can
        if strict is not False and not is_strict(tool["parameters"]):
            yield f"Invalid schema for function {tool['name']!r}: strict is {tool.get('strict')}"
        if set(tool) - {"type", "name", "description", "parameters", "strict"}:
            yield f"a tool with {sorted(tool)}"
    form = body.get("text", {}).get("format", {"type": "text"})
    if form["type"] == "json_schema":
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", form.get("name", "")):
            yield "text.format has no good name"
        if form.get("strict", True) and not is_strict(form["schema"]):
            yield "text.format is not strict"
    for name in RESPONSES_FIELDS & {key for key, value in body.items() if value is None}:
        yield f"{name} is null"


def is_strict(schema):
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return True
    names = set(schema.get("properties", {}))
    return (schema.get("additionalProperties") is False and set(schema.get("required", [])) == names
            and all(is_strict(each) for each in schema.get("properties", {}).values()))


def read(body):
    turns = [("system", [("text", body["instructions"])])] if body.get("instructions") else []
    if isinstance(body["input"], str):
        return [*turns, ("user", [("text", body["input"])])]
    for item in body["input"]:
        kind = item.get("type", "message")
        if kind == "message":
            role = "system" if item["role"] == "developer" else item["role"]
            turns.append((role, read_parts(item["content"])))
        elif kind == "function_call":
            turns.append(("assistant", [("call", item["call_id"], item["name"], ordered(item["arguments"]))]))
        elif kind == "function_call_output":
            turns.append(("user", [("result", item["call_id"], read_parts(item["output"]))]))
    return turns


def read_parts(content):
    if isinstance(content, str):
        return [("text", content)]
    out = []
    for part in content:
        if part["type"] in ("input_text", "output_text"):
            out.append(("text", part["text"]))
        else:
            url = part.get("image_url") or part["file_data"]
            kind = "image" if part["type"] == "input_image" else "document"
            out.append((kind, *re.fullmatch(r"data:([a-z/+]+);base64,(.*)", url).groups()))
    return out


def read_tools(body):
    return [(tool["name"], tool.get("description"), tool.get("parameters")) for tool in body.get("tools", [])]


def kept_state(body, thinking):
    said = [item for item in body["input"] if item.get("type") == "reasoning"]
    if [item["encrypted_content"] for item in said] != [thinking["state"]]:
        yield f"the reasoning that came back is {said}"


def usage(scenario):
    if "said" in scenario.facts:
        return scenario.facts["said"]["openai-responses"]
    n = scenario.usage()
    read_in = n["input"] + n["cache_read"] + n["cache_write"]
    return {"input_tokens": read_in, "output_tokens": n["output"], "total_tokens": read_in + n["output"],
            "input_tokens_details": {"cached_tokens": n["cache_read"],
                                     "cache_write_tokens": n["cache_write"]},
            "output_tokens_details": {"reasoning_tokens": n["thinking"]}}


def item_of(part, n, status):
    done = status == "completed"
    if part.get("freeform"):
        return {"id": f"ctc_{n}", "type": "custom_tool_call", "status": status, "call_id": part["call"],
                "name": part["name"], "input": "".join(part["arguments"]) if done else ""}
    if "call" in part:
        return {"id": f"fc_{n}", "type": "function_call", "status": status, "call_id": part["call"],
                "name": part["name"], "arguments": "".join(part["arguments"]) if done else ""}
    if "thinking" in part:
        text = "".join(part["thinking"])
        return {"id": f"rs_{n}", "type": "reasoning",
                "summary": [{"type": "summary_text", "text": text}] if text and done else [],
                **({"encrypted_content": part["state"]} if done else {})}
    return {"id": f"msg_{n}", "type": "message", "status": status, "role": "assistant",
            "content": [content_of(part)] if done else []}


def content_of(part):
    if "refusal" in part:
        return {"type": "refusal", "refusal": "".join(part["refusal"])}
    return {"type": "output_text", "text": "".join(pieces(part, "text")), "annotations": [], "logprobs": []}


def response(scenario, done):
    status, _, reason = scenario.stop["openai-responses"].partition(": ")
    tail = "incomplete" if reason == "max_output_tokens" else "completed"
    items = [item_of(part, n, "completed") for n, part in enumerate(scenario.answer)]
    if items and tail == "incomplete" and "status" in items[-1]:
        items[-1]["status"] = tail
    return {
        "id": "resp_up1", "object": "response", "created_at": 1790000000,
        "status": status if done else "in_progress", "background": False,
        "completed_at": 1790000001 if done else None, "error": None,
        "incomplete_details": {"reason": reason} if reason and done else None, "instructions": None,
        "max_output_tokens": None, "max_tool_calls": None, "model": MODEL,
        "output": items if done else [], "parallel_tool_calls": True, "previous_response_id": None,
        "prompt_cache_key": None, "presence_penalty": 0.0, "frequency_penalty": 0.0,
        "reasoning": {"effort": None, "summary": None}, "safety_identifier": None,
        "service_tier": "default", "store": False, "temperature": 1.0, "text": {"format": {"type": "text"}},
        "tool_choice": "auto", "tools": [], "top_logprobs": 0, "top_p": 1.0, "truncation": "disabled",
        "usage": usage(scenario) if done and not scenario.unsaid_usage else None, "user": None,
        "metadata": {}}


def whole(scenario):
    return dump(response(scenario, True))


def events(scenario):
    count = iter(range(1 << 30))

    def say(kind, **more):
        return f"event: {kind}\ndata: " + dump({"type": kind, "sequence_number": next(count), **more}) + "\n\n"

    yield say("response.created", response=response(scenario, False))
    yield say("response.in_progress", response=response(scenario, False))
    final = response(scenario, True)
    if scenario.facts.get("interleaved"):
        yield from interleaved(scenario, final, say)
    else:
        for n, part in enumerate(scenario.answer):
            yield say("response.output_item.added", output_index=n, item=item_of(part, n, "in_progress"))
            for kind, more in body_events(part, n):
                yield say(kind, **more)
            yield say("response.output_item.done", output_index=n, item=final["output"][n])
    yield say("response.incomplete" if final["incomplete_details"] else "response.completed", response=final)


def body_events(part, n):
    """What comes between the beginning and the end of an item."""
    if part.get("freeform"):
        place = {"item_id": f"ctc_{n}", "output_index": n}
        for piece in part["arguments"]:
            yield "response.custom_tool_call_input.delta", {"delta": piece, **place}
        yield "response.custom_tool_call_input.done", {"input": "".join(part["arguments"]), **place}
    elif "call" in part:
        place = {"item_id": f"fc_{n}", "output_index": n}
        for piece in [] if part.get("nothing") else part["arguments"]:
            yield "response.function_call_arguments.delta", {"delta": piece, **place}
        yield "response.function_call_arguments.done", {
            "name": part["name"], "arguments": "".join(part["arguments"]), **place}
    elif "thinking" in part:
        place = {"item_id": f"rs_{n}", "output_index": n, "summary_index": 0}
        text = "".join(part["thinking"])
        if not text:
            return
        yield "response.reasoning_summary_part.added", {"part": {"type": "summary_text", "text": ""}, **place}
        for piece in part["thinking"]:
            yield "response.reasoning_summary_text.delta", {"delta": piece, **place}
        yield "response.reasoning_summary_text.done", {"text": text, **place}
        yield "response.reasoning_summary_part.done", {"part": {"type": "summary_text", "text": text}, **place}
    else:
        place = {"item_id": f"msg_{n}", "output_index": n, "content_index": 0}
        kind, more = ("refusal", {}) if "refusal" in part else ("text", {"logprobs": []})
        full, name = content_of(part), "refusal" if kind == "refusal" else "output_text"
        empty = {**full, kind: ""}
        yield "response.content_part.added", {"part": empty, **place}
        for piece in pieces(part, kind):
            yield f"response.{name}.delta", {"delta": piece, **more, **place}
        yield f"response.{name}.done", {kind: full[kind], **more, **place}
        yield "response.content_part.done", {"part": full, **place}


def interleaved(scenario, final, say):
    """The words first; then all calls open, a piece of each in turn."""
    words = [(n, part) for n, part in enumerate(scenario.answer) if "call" not in part]
    for n, part in words:
        yield say("response.output_item.added", output_index=n, item=item_of(part, n, "in_progress"))
        for kind, more in body_events(part, n):
            yield say(kind, **more)
        yield say("response.output_item.done", output_index=n, item=final["output"][n])
    parts = [(n, part) for n, part in enumerate(scenario.answer) if "call" in part]
    for n, part in parts:
        yield say("response.output_item.added", output_index=n, item=item_of(part, n, "in_progress"))
    rows = [list(body_events(part, n)) for n, part in parts]
    for step in range(max(map(len, rows))):
        for row in rows:
            if step < len(row):
                yield say(row[step][0], **row[step][1])
    for n, _ in parts:
        yield say("response.output_item.done", output_index=n, item=final["output"][n])


def stream_error(message):
    failed = {"id": "resp_up1", "object": "response", "created_at": 1790000000, "status": "failed",
              "model": MODEL, "output": [], "error": {"code": "server_error", "message": message},
              "parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
    return "event: response.failed\ndata: " + dump(
        {"type": "response.failed", "sequence_number": 99, "response": failed}) + "\n\n"


def error(status, message, code=None):
    code = code or {404: "model_not_found", 429: "rate_limit_exceeded"}.get(status)
    return dump({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})
