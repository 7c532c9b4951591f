"""What a provider would refuse in a request. Each rule yields a sentence for what is wrong."""
import json

# Not the relay's to send on: of one connection, of the caller alone, or of our own making.
FORBIDDEN_HEADERS = {
    "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade",
    "transfer-encoding", "keep-alive", "expect", "cookie", "origin", "referer", "forwarded", "via"}
CREDENTIAL_HEADERS = {"authorization", "x-api-key", "api-key", "x-goog-api-key"}
OUR_KEY_PREFIX = "sk-rk-"

CHAT_FIELDS = set(
    "model messages audio frequency_penalty function_call functions logit_bias logprobs"
    " max_completion_tokens max_tokens metadata modalities moderation n parallel_tool_calls prediction"
    " presence_penalty prompt_cache_key prompt_cache_retention reasoning_effort response_format"
    " safety_identifier seed service_tier stop store stream stream_options temperature tool_choice"
    " tools top_logprobs top_p user verbosity web_search_options".split())
COMPLETION_FIELDS = set(
    "model prompt best_of echo frequency_penalty logit_bias logprobs max_tokens n presence_penalty"
    " seed stop stream stream_options suffix temperature top_p user".split())
RESPONSES_FIELDS = set(
    "model input background context_management conversation include instructions max_output_tokens"
    " max_tool_calls metadata parallel_tool_calls previous_response_id prompt prompt_cache_key"
    " prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options"
    " temperature text tool_choice tools top_logprobs top_p truncation user".split())
EMBEDDING_FIELDS = {"model", "input", "dimensions", "encoding_format", "user"}
MESSAGES_FIELDS = set(
    "model messages max_tokens cache_control container context_management inference_geo mcp_servers"
    " metadata output_config service_tier stop_sequences stream system temperature thinking"
    " tool_choice tools top_k top_p".split())
COUNT_FIELDS = set(
    "model messages cache_control context_management mcp_servers output_config system thinking"
    " tool_choice tools".split())


def check_headers(record, server):
    headers = [(name.lower(), value) for name, value in record.headers]
    names = [name for name, _ in headers]
    fields = dict(headers)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"header {name} is there twice"
    for name in sorted(FORBIDDEN_HEADERS.intersection(names)):
        yield f"header {name} must not reach a provider"
    for name in names:
        if name.startswith("x-routerone"):
            yield f"header {name} must not reach a provider"
    if fields.get("host") != server.host:
        yield f"Host is {fields.get('host')!r} instead of {server.host!r}"
    if fields.get("connection", "keep-alive").lower() != "keep-alive":
        yield f"Connection is {fields['connection']!r}"
    if fields.get("accept-encoding", "identity").lower() != "identity":
        yield f"Accept-Encoding is {fields['accept-encoding']!r}"
    if "content-encoding" in fields:
        yield "the body is encoded"
    yield from check_credential(fields, server)
    if record.path.startswith("/v1/messages") and not fields.get("anthropic-version"):
        yield "anthropic-version is missing"


def check_credential(fields, server):
    expected = {"bearer": ("authorization", f"Bearer {server.key}"), "none": (None, None)}.get(
        server.auth, (server.auth, server.key))
    for name in CREDENTIAL_HEADERS:
        if name != expected[0] and name in fields:
            yield f"header {name} is there although this provider takes {server.auth}"
    if expected[0] and fields.get(expected[0]) != expected[1]:
        yield f"header {expected[0]} is not this provider's key"


def check_no_caller_key(record):
    """A routerone key opens nothing here, and must never come here."""
    heads = " ".join(f"{name}: {value}" for name, value in record.headers)
    if OUR_KEY_PREFIX in record.path + heads or OUR_KEY_PREFIX.encode() in record.body:
        yield "a routerone key is in it"


def check_body(record, operation):
    fields = {name.lower(): value for name, value in record.headers}
    if fields.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        yield f"Content-Type is {fields.get('content-type')!r}"
    if "content-length" not in fields:
        yield "Content-Length is missing"
    try:
        body = json.loads(record.body, object_pairs_hook=without_twins)
    except ValueError as error:
        yield f"the body is not JSON: {error}"
        return
    if not isinstance(body, dict):
        yield "the body is not an object"
        return
    yield from BODY_RULES[operation](body)


def without_twins(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name is there twice")
    return dict(pairs)


def common(body, allowed, required):
    for name in sorted(set(body) - allowed):
        yield f"unknown field {name!r}"
    for name in required:
        if name not in body:
            yield f"field {name!r} is missing"
    if not isinstance(body.get("model", ""), str):
        yield "model is not a string"
    if not isinstance(body.get("stream", False), (bool, type(None))):
        yield "stream is not a boolean"
    if body.get("stream_options") is not None and body.get("stream") is not True:
        yield "stream_options without stream"


def one_of_types(value, *types):
    return isinstance(value, types) and not isinstance(value, bool)


def check_chat(body):
    yield from common(body, CHAT_FIELDS, ["model", "messages"])
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "messages is not a list of one or more"
        return
    open_calls = set()
    for n, message in enumerate(messages):
        yield from (f"messages[{n}]: {wrong}" for wrong in check_chat_message(message, open_calls))
    if open_calls:
        yield f"tool calls {sorted(open_calls)} have no answer"
    for tool in body.get("tools") or []:
        if tool.get("type") != "function" or not isinstance(tool.get("function", {}).get("name"), str):
            yield "a tool has no function.name"
    for name in ("max_tokens", "max_completion_tokens", "n", "seed"):
        if body.get(name) is not None and not one_of_types(body[name], int):
            yield f"{name} is not an integer"


def check_chat_message(message, open_calls):
    role = message.get("role") if isinstance(message, dict) else None
    if role not in ("system", "developer", "user", "assistant", "tool"):
        yield f"role {role!r} is unknown"
        return
    content = message.get("content")
    if isinstance(content, list):
        for part in content:
            if part.get("type") not in ("text", "image_url", "input_audio", "file", "refusal"):
                yield f"content part {part.get('type')!r} is unknown"
            elif part["type"] == "text" and not isinstance(part.get("text"), str):
                yield "a text part has no text"
    elif not isinstance(content, str) and not (role == "assistant" and content is None):
        yield "content is neither a string nor a list of parts"
    for call in message.get("tool_calls") or []:
        if not isinstance(call.get("function", {}).get("arguments"), str):
            yield "a tool call's arguments are not a string"
        open_calls.add(call.get("id"))
    if role == "tool":
        if message.get("tool_call_id") not in open_calls:
            yield "a tool's answer follows no call"
        open_calls.discard(message.get("tool_call_id"))


def check_completion(body):
    yield from common(body, COMPLETION_FIELDS, ["model", "prompt"])
    if not isinstance(body.get("prompt"), (str, list)):
        yield "prompt is neither a string nor a list"


def check_responses(body):
    yield from common(body, RESPONSES_FIELDS, ["model", "input"])
    if (body.get("stream_options") or {}).get("include_usage") is not None:
        yield "unknown field 'stream_options.include_usage'"
    if not isinstance(body.get("input"), (str, list)):
        yield "input is neither a string nor a list"
    for tool in body.get("tools") or []:
        if tool.get("type") == "function" and not isinstance(tool.get("name"), str):
            yield "a function tool has no name"


def check_embeddings(body):
    yield from common(body, EMBEDDING_FIELDS, ["model", "input"])
    if not isinstance(body.get("input"), (str, list)) or not body["input"]:
        yield "input is empty"
    if body.get("encoding_format", "float") not in ("float", "base64"):
        yield "encoding_format is unknown"


def check_messages(body):
    yield from common(body, MESSAGES_FIELDS, ["model", "messages", "max_tokens"])
    if not one_of_types(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        yield "max_tokens is not a positive integer"
    yield from check_turns(body)


def check_count(body):
    yield from common(body, COUNT_FIELDS, ["model", "messages"])
    yield from check_turns(body)


def check_turns(body):
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "messages is not a list of one or more"
        return
    uses = set()
    for n, message in enumerate(messages):
        if message.get("role") not in ("user", "assistant", "system"):
            yield f"messages[{n}]: role {message.get('role')!r} is unknown"
        content = message.get("content")
        if isinstance(content, str):
            continue
        for block in content if isinstance(content, list) else [None]:
            yield from (f"messages[{n}]: {wrong}" for wrong in check_block(block, uses))
    if not isinstance(body.get("system", ""), (str, list)):
        yield "system is neither a string nor a list"
    for tool in body.get("tools") or []:
        if not isinstance(tool.get("name"), str) or not isinstance(tool.get("input_schema"), dict):
            yield "a tool has no name or no input_schema"


def check_block(block, uses):
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in ("text", "image", "document", "tool_use", "tool_result", "thinking",
                    "redacted_thinking"):
        yield f"content block {kind!r} is unknown"
    elif kind == "text" and not isinstance(block.get("text"), str):
        yield "a text block has no text"
    elif kind == "tool_use":
        uses.add(block.get("id"))
        if not isinstance(block.get("input"), dict):
            yield "a tool_use's input is not an object"
    elif kind == "tool_result" and block.get("tool_use_id") not in uses:
        yield "a tool_result follows no tool_use"


BODY_RULES = {
    "chat": check_chat, "completions": check_completion, "responses": check_responses,
    "embeddings": check_embeddings, "messages": check_messages, "count_tokens": check_count}
