"""generateContent as the API of its maker speaks it."""
import json
import re

from scenario import Raw, dump, ordered, pieces

MODEL = "gemini-3-flash-preview"
ID = "up1AbC"
BODY = {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings",
        "cachedContent", "labels", "serviceTier"}
GENERATION = {"temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed",
              "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "responseMimeType",
              "responseJsonSchema", "responseSchema", "thinkingConfig", "responseModalities"}
OWN = {"args", "response", "parametersJsonSchema", "responseJsonSchema"}
DATA = {"text", "inlineData", "fileData", "functionCall", "functionResponse"}
NO_SIGNATURE = "skip_thought_signature_validator"


def path(model, stream):
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/v1beta/models/{model}:{verb}"


def spelled(value):
    """Fields in their usual spelling: the API takes `inline_data` for `inlineData`. What is the caller's
    own stays."""
    if isinstance(value, list):
        return [spelled(each) for each in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, each in value.items():
        name = re.sub("_([a-z])", lambda found: found[1].upper(), name)
        out[name] = each if name in OWN else spelled(each)
    return out


def refuses(body, again, translated):
    for name in set(body) - BODY:
        yield f'Unknown name "{name}": Cannot find field.'
    contents = body.get("contents") or []
    if not contents:
        yield "contents is not specified"
    before = []
    for n, content in enumerate(contents):
        parts = content.get("parts") or []
        if content.get("role") not in ("user", "model") or set(content) - {"role", "parts"}:
            yield f"contents[{n}] has role {content.get('role')!r} and {sorted(content)}"
        if n == 0 and content.get("role") == "model":
            yield "the first content is the model's"
        if not parts:
            yield f"contents[{n}] has no parts"
        for part in parts:
            yield from (f"contents[{n}]: {wrong}" for wrong in refuses_part(part, again))
        yield from (f"contents[{n}]: {wrong}" for wrong in refuses_place(before, parts, translated))
        before = parts
    yield from refuses_settings(body)


def refuses_part(part, again):
    data = set(part) & DATA
    if len(data) != 1 or set(part) - DATA - {"thought", "thoughtSignature"}:
        yield f"a part with {sorted(part)}"
    if part.get("text") == "" and "thoughtSignature" not in part:
        yield "an empty text"
    if part.get("thoughtSignature", NO_SIGNATURE) not in {*again, NO_SIGNATURE}:
        yield f"Thought signature is not valid: {part['thoughtSignature']!r}"
    if "functionCall" in part and set(part["functionCall"]) - {"id", "name", "args"}:
        yield f"functionCall has {sorted(part['functionCall'])}"
    answer = part.get("functionResponse")
    if answer and (set(answer) - {"id", "name", "response", "parts"} or not isinstance(
            answer.get("response"), dict) or not answer.get("name")):
        yield f"functionResponse is {answer}"
    if "inlineData" in part and set(part["inlineData"]) - {"mimeType", "data"}:
        yield f"inlineData has {sorted(part['inlineData'])}"


def refuses_place(before, parts, translated):
    calls = [part["functionCall"] for part in before if "functionCall" in part]
    answers = [part["functionResponse"] for part in parts if "functionResponse" in part]
    if [one["name"] for one in calls] != [one["name"] for one in answers]:
        yield f"{len(calls)} functionCall parts are followed by {len(answers)} functionResponse parts"
    first = next((part for part in parts if "functionCall" in part), None)
    if translated and first and not first.get("thoughtSignature"):
        yield "Function call is missing a thought_signature"


def refuses_settings(body):
    config = body.get("generationConfig", {})
    for name in set(config) - GENERATION:
        yield f'Unknown name "{name}" at generation_config: Cannot find field.'
    if set(config.get("thinkingConfig", {})) - {"includeThoughts", "thinkingLevel", "thinkingBudget"}:
        yield f"thinkingConfig has {sorted(config['thinkingConfig'])}"
    if len({"thinkingLevel", "thinkingBudget"} & set(config.get("thinkingConfig", {}))) > 1:
        yield "thinking_level and thinking_budget"
    if len(config.get("stopSequences", [])) > 5:
        yield "more than 5 stopSequences"
    if "responseJsonSchema" in config and config.get("responseMimeType") != "application/json":
        yield "responseJsonSchema without responseMimeType"
    for tool in body.get("tools", []):
        for one in tool.get("functionDeclarations", []):
            if set(one) - {"name", "description", "parametersJsonSchema", "parameters"}:
                yield f"functionDeclarations: {sorted(one)}"
    calling = body.get("toolConfig", {}).get("functionCallingConfig", {})
    if set(calling) - {"mode", "allowedFunctionNames"}:
        yield f"functionCallingConfig has {sorted(calling)}"
    if calling and not body.get("tools"):
        yield "functionCallingConfig without tools"


def read(body):
    system = [("text", part["text"]) for part in body.get("systemInstruction", {}).get("parts", [])]
    turns, calls = ([("system", system)] if system else []), []
    for content in body["contents"]:
        parts = []
        for part in content["parts"]:
            if "functionCall" in part:
                call = part["functionCall"]
                calls.append((f"#{len(calls)}", call["name"]))
                parts.append(("call", calls[-1][0], call["name"], ordered(json.dumps(call.get("args", {})))))
            elif "functionResponse" in part:
                parts.append(read_answer(part["functionResponse"], calls))
            elif not part.get("thought"):
                parts.append(read_part(part))
        turns.append(("assistant" if content["role"] == "model" else "user", parts))
    return turns


def read_answer(answer, calls):
    at = next(n for n, call in enumerate(calls) if call[1] == answer["name"])
    said = answer["response"]
    text = said.get("output", said.get("content", json.dumps(said)))
    parts = [("text", text if isinstance(text, str) else json.dumps(text))]
    return ("result", used(calls, at), parts
            + [read_part(part) for part in answer.get("parts", [])])


def used(calls, at):
    number, _ = calls[at]
    calls[at] = (number, None)
    return number


def read_part(part):
    if "inlineData" not in part:
        return ("text", part["text"])
    kind = part["inlineData"]["mimeType"]
    data = part["inlineData"]["data"].replace("-", "+").replace("_", "/")
    return ("image" if kind.startswith("image/") else "document", kind, data)


def read_tools(body):
    return [(one["name"], one.get("description"), one.get("parametersJsonSchema") or json_schema(one.get("parameters")))
            for tool in body.get("tools", []) for one in tool["functionDeclarations"]]


def json_schema(value):
    """Of a schema in this API's older words."""
    if isinstance(value, list):
        return [json_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: each.lower() if name == "type" and isinstance(each, str) else json_schema(each)
            for name, each in value.items()}


def kept_state(body, thinking):
    kept = [part["thoughtSignature"] for content in body["contents"] for part in content["parts"]
            if part.get("thoughtSignature")]
    if kept != [thinking["state"]]:
        yield f"the signatures that came back are {kept}"


def usage(scenario):
    if "said" in scenario.facts:
        return scenario.facts["said"]["gemini"]
    n = scenario.usage()
    read_in = n["input"] + n["cache_read"] + n["cache_write"]
    return {"promptTokenCount": read_in, "cachedContentTokenCount": n["cache_read"],
            "candidatesTokenCount": n["output"] - n["thinking"], "thoughtsTokenCount": n["thinking"],
            "totalTokenCount": read_in + n["output"]}


def parts_of(scenario):
    """Every part on its own; the model's state sits on the first call, else on the first text."""
    state = next((part["state"] for part in scenario.answer if "state" in part), None)
    holder = next((part for part in scenario.answer if "call" in part),
                  next((part for part in scenario.answer if "text" in part), None))
    for part in scenario.answer:
        signed = {"thoughtSignature": state} if state and part is holder else {}
        if "thinking" in part:
            yield from ({"text": piece, "thought": True} for piece in part["thinking"])
        elif "call" in part:
            yield {"functionCall": {"name": part["name"], "args": Raw("".join(part["arguments"]))}, **signed}
        elif "text" in part:
            yield from ({"text": piece, **signed} for piece in pieces(part, "text"))


def answer(scenario, parts, end):
    out = {"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0}]}
    if end:
        out["candidates"][0]["finishReason"] = scenario.stop["gemini"]
        refusal = ["".join(part["refusal"]) for part in scenario.answer if "refusal" in part]
        if refusal:
            out["candidates"][0]["finishMessage"] = refusal[0]
    if not scenario.unsaid_usage:
        out["usageMetadata"] = usage(scenario)
    return {**out, "modelVersion": MODEL, "responseId": ID}


def whole(scenario):
    return dump(answer(scenario, list(parts_of(scenario)), True))


def events(scenario):
    for part in parts_of(scenario):
        yield "data: " + dump(answer(scenario, [part], False)) + "\r\n\r\n"
    yield "data: " + dump(answer(scenario, [{"text": ""}], True)) + "\r\n\r\n"


def stream_error(message):
    return "data: " + error(503, message) + "\r\n\r\n"


def error(status, message, code=None):
    words = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
             413: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE", 529: "UNAVAILABLE"}
    return dump({"error": {"code": status, "message": message, "status": words.get(status, "INTERNAL")}})
