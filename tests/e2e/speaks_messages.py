"""Messages as the API of its maker speaks it."""
import json
import re

from provider_rules import check_messages
from scenario import Raw, dump, ordered, pieces

MODEL = "claude-opus-4-6"
BLOCK_FIELDS = {
    "text": {"type", "text", "citations", "cache_control"}, "image": {"type", "source", "cache_control"},
    "document": {"type", "source", "title", "context", "citations", "cache_control"},
    "thinking": {"type", "thinking", "signature"}, "redacted_thinking": {"type", "data"},
    "tool_use": {"type", "id", "name", "input", "caller", "cache_control"},
    "tool_result": {"type", "tool_use_id", "content", "is_error", "cache_control"}}
SCHEMA_WORDS = {"type", "properties", "required", "items", "enum", "const", "anyOf", "allOf", "$ref", "$defs",
                "description", "title", "format", "minItems", "additionalProperties"}
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def path(model, stream):
    return "/v1/messages"


def refuses(body, again, translated):
    yield from check_messages(body)
    before = None
    for n, message in enumerate(body["messages"]):
        blocks = [{"type": "text", "text": message["content"]}] if isinstance(
            message["content"], str) else message["content"]
        if set(message) - {"role", "content"}:
            yield f"messages[{n}]: {sorted(message)}"
        for block in blocks:
            for wrong in refuses_block(block, message["role"], again):
                yield f"messages[{n}]: {wrong}"
        for wrong in refuses_place(before, message["role"], blocks):
            yield f"messages[{n}]: {wrong}"
        before = (message["role"], blocks)
    if before and any(block["type"] == "tool_use" for block in before[1]):
        yield "a tool_use has no tool_result"
    yield from refuses_settings(body)


def refuses_block(block, role, again):
    kind = block["type"]
    for name in set(block) - BLOCK_FIELDS[kind]:
        yield f"{kind}.{name}: Extra inputs are not permitted"
    if kind == "text" and not block["text"].strip():
        yield "text content blocks must be non-empty"
    if role == "user" and kind in ("tool_use", "thinking", "redacted_thinking"):
        yield f"{kind} of a user"
    if role == "assistant" and kind in ("tool_result", "image", "document"):
        yield f"{kind} of an assistant"
    if kind in ("image", "document"):
        source = block["source"]
        kinds = IMAGES if kind == "image" else ("application/pdf",)
        if source["type"] != "url" and (source["type"] != "base64" or source["media_type"] not in kinds):
            yield f"{kind} of {source}"
    if kind == "tool_use" and not re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"]):
        yield f"String should match pattern: tool_use.id {block['id']!r}"
    if kind == "tool_use" and not re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", block["name"]):
        yield f"tool_use.name {block['name']!r}"
    if kind == "thinking" and block["signature"] not in again:
        yield f"Invalid `signature` in `thinking` block: {block['signature']!r}"
    for part in block.get("content", []) if kind == "tool_result" else []:
        if not isinstance(part, str):
            yield from refuses_block(part, "user", again)


def refuses_place(before, role, blocks):
    kinds = [block["type"] for block in blocks]
    if before and before[0] == role:
        yield f"two messages of {role} in a row"
    if not blocks and role == "user":
        yield "user messages must have non-empty content"
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    if "tool_result" in kinds and kinds[:len(results)] != ["tool_result"] * len(results):
        yield "tool_result blocks come first"
    uses = [block["id"] for block in before[1] if block["type"] == "tool_use"] if before else []
    if sorted(uses) != sorted(results):
        yield f"tool_use {uses} is followed by tool_result {results}"
    if "tool_use" in kinds and set(kinds[kinds.index("tool_use"):]) & {"thinking", "redacted_thinking"}:
        yield "thinking behind a tool_use"


def refuses_settings(body):
    thinking = body.get("thinking", {})
    if thinking.get("type") == "enabled" and not 1024 <= thinking["budget_tokens"] < body["max_tokens"]:
        yield f"budget_tokens {thinking['budget_tokens']} of max_tokens {body['max_tokens']}"
    choice = body.get("tool_choice", {"type": "auto"})
    if thinking.get("type") == "enabled" and choice["type"] in ("any", "tool"):
        yield "Thinking may not be enabled when tool_choice forces tool use"
    if "tool_choice" in body and not body.get("tools"):
        yield "tool_choice without tools"
    if set(choice) - {"type", "name", "disable_parallel_tool_use"}:
        yield f"tool_choice has {sorted(choice)}"
    for tool in body.get("tools", []):
        schema = tool["input_schema"]
        if schema.get("type") != "object" or {"oneOf", "anyOf", "allOf"} & set(schema):
            yield f"input_schema of {tool['name']}"
        if set(tool) - {"name", "description", "input_schema", "strict", "cache_control", "eager_input_streaming"}:
            yield f"a tool with {sorted(tool)}"
        if tool.get("description", "") is None:
            yield "description is null"
    system = body.get("system", "x")
    for text in [system] if isinstance(system, str) else [block["text"] for block in system]:
        if not text.strip():
            yield "system text must contain non-whitespace text"
    if any(not one.strip() for one in body.get("stop_sequences", [])):
        yield "each stop sequence must contain non-whitespace"
    config = body.get("output_config", {})
    if set(config) - {"effort", "format"}:
        yield f"output_config has {sorted(config)}"
    if "format" in config:
        yield from refuses_schema(config["format"]["schema"])
    for name, value in body.items():
        if value is None:
            yield f"{name} is null"


def refuses_schema(schema):
    for name in set(schema) - SCHEMA_WORDS:
        yield f"output_config.format.schema: {name} is not supported"
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield "output_config.format.schema: additionalProperties must be false"
    for each in schema.get("properties", {}).values():
        yield from refuses_schema(each)


def read(body):
    system = body.get("system", [])
    blocks = [{"type": "text", "text": system}] if isinstance(system, str) else system
    turns = [("system", read_blocks(blocks))] if blocks else []
    return turns + [(message["role"], read_blocks(message["content"])) for message in body["messages"]]


def read_blocks(blocks):
    if isinstance(blocks, str):
        return [("text", blocks)]
    out = []
    for block in blocks:
        kind = block["type"]
        if kind == "text":
            out.append(("text", block["text"]))
        elif kind in ("image", "document"):
            out.append((kind, block["source"]["media_type"], block["source"]["data"]))
        elif kind == "tool_use":
            out.append(("call", block["id"], block["name"], ordered(json.dumps(block["input"]))))
        elif kind == "tool_result":
            out.append(("result", block["tool_use_id"], read_blocks(block.get("content", []))))
    return out


def read_tools(body):
    return [(tool["name"], tool.get("description"), tool["input_schema"]) for tool in body.get("tools", [])]


def kept_state(body, thinking):
    said = [message for message in body["messages"] if message["role"] == "assistant"][-1]["content"]
    due = {"type": "thinking", "thinking": "".join(thinking["thinking"]), "signature": thinking["state"]}
    if said[0] != due:
        yield f"the assistant's turn begins with {said[0]}"


def usage(scenario, done=True):
    if "said" in scenario.facts:
        return scenario.facts["said"]["anthropic"]
    if scenario.unsaid_usage:
        return {"input_tokens": 0, "output_tokens": 0}
    n = scenario.usage()
    return {"input_tokens": n["input"], "cache_creation_input_tokens": n["cache_write"],
            "cache_read_input_tokens": n["cache_read"], "output_tokens": n["output"] if done else 1,
            "service_tier": "standard",
            **({"output_tokens_details": {"thinking_tokens": n["thinking"]}} if done else {})}


def blocks_of(scenario):
    for part in scenario.answer:
        if "text" in part:
            yield {"type": "text", "text": "".join(pieces(part, "text"))}
        elif "thinking" in part:
            yield {"type": "thinking", "thinking": "".join(part["thinking"]), "signature": part["state"]}
        elif "call" in part:
            yield {"type": "tool_use", "id": part["call"], "name": part["name"],
                   "input": Raw("".join(part["arguments"]))}


def ending(scenario):
    stop, _, sequence = scenario.stop["anthropic"].partition(": ")
    refusal = ["".join(part["refusal"]) for part in scenario.answer if "refusal" in part]
    details = {"type": "refusal", "category": "cyber", "explanation": refusal[0]} if refusal else None
    return {"stop_reason": stop, "stop_sequence": sequence or None, "stop_details": details}


def message(scenario, content, end, numbers):
    return {"id": "msg_up1", "type": "message", "role": "assistant", "model": MODEL, "content": content,
            **end, "usage": numbers}


def whole(scenario):
    return dump(message(scenario, list(blocks_of(scenario)), ending(scenario), usage(scenario)))


def events(scenario):
    def say(kind, **more):
        return f"event: {kind}\ndata: " + dump({"type": kind, **more}) + "\n\n"

    nothing = {"stop_reason": None, "stop_sequence": None}
    yield say("message_start", message=message(scenario, [], nothing, usage(scenario, False)))
    yield say("ping")
    parts = [part for part in scenario.answer if "refusal" not in part]
    for n, part in enumerate(parts):
        yield say("content_block_start", index=n, content_block=opening(part))
        for delta in deltas(part):
            yield say("content_block_delta", index=n, delta=delta)
        yield say("content_block_stop", index=n)
    yield say("message_delta", delta=ending(scenario), usage=usage(scenario))
    yield say("message_stop")


def opening(part):
    if "text" in part:
        return {"type": "text", "text": ""}
    if "thinking" in part:
        return {"type": "thinking", "thinking": "", "signature": ""}
    return {"type": "tool_use", "id": part["call"], "name": part["name"], "input": {}}


def deltas(part):
    if "text" in part:
        return [{"type": "text_delta", "text": piece} for piece in pieces(part, "text")]
    if "thinking" in part:
        return [*({"type": "thinking_delta", "thinking": piece} for piece in part["thinking"]),
                {"type": "signature_delta", "signature": part["state"]}]
    said = [""] if part.get("nothing") else ["", *part["arguments"]]
    return [{"type": "input_json_delta", "partial_json": piece} for piece in said]


def stream_error(message):
    return "event: error\ndata: " + error(529, message) + "\n\n"


def error(status, message, code=None):
    kind = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
            404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error",
            529: "overloaded_error"}.get(status, "api_error")
    if status == 404:
        message = "model: m"
    return dump({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_up1"})
