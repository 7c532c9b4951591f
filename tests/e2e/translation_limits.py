"""What of a request cannot go to another dialect and changes the answer: such a request is refused by
that field, any other is taken. Says nothing of what is only a hint."""
import re

from scenario import CHAT, GEMINI, MESSAGES, RESPONSES

# Tools of a provider itself that agents declare whether they need them or not.
SPARED = re.compile("web_search|tool_search|google_?[sS]earch|programmatic_tool_calling")


def refusable(request, source, target):
    """The fields that must be named in the refusal, one of them; none: it is taken."""
    return [field for field, there in LIMITS[source](request, target) if there]


def each(value):
    """All objects in it, at any depth."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from each(one)


def has(value, *names):
    return any(one.get(name) is not None for one in each(value) for name in names)


def chat_limits(request, target):
    parts = [part for message in request["messages"] for part in message.get("content") or []
             if isinstance(part, dict)]
    images = [part["image_url"] for part in parts if part.get("type") == "image_url"]
    urls = [image if isinstance(image, str) else image["url"] for image in images]
    yield "n", (request.get("n") or 1) > 1
    yield "logprobs", request.get("logprobs") is True
    yield "audio", bool(request.get("audio"))
    yield "image_url", target == GEMINI and any(not url.startswith("data:") for url in urls)
    yield "file_url", target == GEMINI and any(part.get("type") == "document_url" for part in parts)
    yield "file_id", any(has(part.get("file"), "file_id") for part in parts)


def responses_limits(request, target):
    parts = [one for one in each(request["input"]) if one.get("type") in ("input_image", "input_file")]
    urls = [one.get("image_url") for one in parts if one.get("image_url")]
    for name in ("previous_response_id", "conversation", "prompt"):
        yield name, request.get(name) is not None
    yield "background", request.get("background") is True
    yield "include", "message.output_text.logprobs" in (request.get("include") or [])
    yield "top_logprobs", (request.get("top_logprobs") or 0) > 0
    yield "reasoning.mode", (request.get("reasoning") or {}).get("mode", "standard") != "standard"
    yield "file_id", any(one.get("file_id") for one in parts)
    yield "file_url", target in (CHAT, GEMINI) and any(one.get("file_url") for one in parts)
    yield "image_url", target == GEMINI and any(not url.startswith("data:") for url in urls)
    for tool in request.get("tools") or []:
        yield "tools", tool["type"] not in ("function", "custom", "namespace") and not SPARED.match(tool["type"])


def messages_limits(request, target):
    blocks = [block for message in request["messages"] for block in each(message["content"])]
    sources = [block["source"] for block in blocks if isinstance(block.get("source"), dict)]
    yield "messages", any(block.get("type") == "container_upload" for block in blocks)
    yield "file_id", any(source["type"] == "file" for source in sources)
    yield "image_url", target == GEMINI and any(
        block.get("type") == "image" and block["source"]["type"] == "url" for block in blocks)
    yield "file_url", target in (CHAT, GEMINI) and any(
        block.get("type") == "document" and block["source"]["type"] == "url" for block in blocks)
    for name in ("container", "mcp_servers"):
        yield name, bool(request.get(name))
    for tool in request.get("tools") or []:
        kind = tool.get("type", "custom")
        yield "tools", kind != "custom" and not SPARED.match(kind)


def gemini_limits(request, target):
    yield "file_id", any(str(one.get("fileUri", one.get("file_uri", ""))).startswith(
        "https://generativelanguage.googleapis.com/") for one in each(request["contents"]))
    config = request.get("generationConfig") or {}
    yield "candidateCount", (config.get("candidateCount") or 1) > 1
    yield "responseLogprobs", config.get("responseLogprobs") is True
    yield "cachedContent", bool(request.get("cachedContent"))
    for tool in request.get("tools") or []:
        yield "tools", any(name not in ("functionDeclarations", "function_declarations")
                           and not SPARED.match(name) for name in tool)


LIMITS = {CHAT: chat_limits, RESPONSES: responses_limits, MESSAGES: messages_limits, GEMINI: gemini_limits}
