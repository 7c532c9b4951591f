"""What a request of an agent holds, whatever dialect it has when it comes to a provider: the tools that
are offered, what came of the calls, and the model's states that were given back."""
import json

from scenario import CHAT, GEMINI, MESSAGES, RESPONSES
from speaks_gemini import spelled


FREEFORM = {"properties": {"input": {"type": "string"}}}  # stands for a tool that takes text as it is


class Arrived:
    """`offered`: schemas by name. `results`: (call id, text) in order. `states`: signatures, encrypted
    reasoning or, where a dialect has neither, the thinking itself."""

    def __init__(self, dialect, path, body):
        self.dialect, self.body = dialect, spelled(body) if dialect == GEMINI else body
        self.streams = bool(body.get("stream")) or "streamGenerateContent" in path
        self.offered, self.results, self.states = {}, [], []
        READERS[dialect](self, self.body)
        self.text = json.dumps(body, ensure_ascii=False)

    @property
    def schema_of_answer(self):
        """True where JSON is asked for: a title, a choice of model."""
        return any(word in self.text for word in ('"json_schema"', '"responseJsonSchema"', '"responseSchema"'))


def text_of(content):
    """The words of a tool's output in any of the forms that dialects have for it."""
    if isinstance(content, list):
        return "\n".join(text_of(part) for part in content)
    if isinstance(content, dict):
        return content["text"] if isinstance(content.get("text"), str) else json.dumps(content)
    return str(content)


def read_chat(arrived, body):
    for tool in body.get("tools", []):
        arrived.offered[tool["function"]["name"]] = tool["function"].get("parameters", {})
    for message in body["messages"]:
        if message["role"] == "tool":
            arrived.results.append((message["tool_call_id"], text_of(message["content"])))
        elif message.get("reasoning_content"):
            arrived.states.append(message["reasoning_content"])


def read_responses(arrived, body):
    items = body["input"] if isinstance(body["input"], list) else []
    tools = [*body.get("tools", []), *(tool for item in items for tool in item.get("tools", []))]
    for tool in [*tools, *(inner for tool in tools for inner in tool.get("tools", []))]:
        if tool["type"] == "function":
            arrived.offered[tool["name"]] = tool["parameters"]
        elif tool["type"] == "custom":
            arrived.offered[tool["name"]] = FREEFORM
    for item in items:
        kind = item.get("type", "message")
        if kind in ("function_call_output", "custom_tool_call_output"):
            arrived.results.append((item["call_id"], text_of(item["output"])))
        elif kind == "reasoning":
            arrived.states.append(item.get("encrypted_content"))


def read_messages(arrived, body):
    for tool in body.get("tools", []):
        arrived.offered[tool["name"]] = tool.get("input_schema", {})
    for message in body["messages"]:
        for block in message["content"] if isinstance(message["content"], list) else []:
            if block["type"] == "tool_result":
                arrived.results.append((block["tool_use_id"], text_of(block.get("content", ""))))
            elif block["type"] == "thinking":
                arrived.states.append(block["signature"])


def read_gemini(arrived, body):
    for tool in body.get("tools", []):
        for one in tool.get("functionDeclarations", []):
            arrived.offered[one["name"]] = one.get("parametersJsonSchema") or one.get("parameters", {})
    for content in body["contents"]:
        for part in content["parts"]:
            if "functionResponse" in part:
                answer = part["functionResponse"]
                arrived.results.append((answer.get("id"), text_of(answer["response"])))
            elif "thoughtSignature" in part:
                arrived.states.append(part["thoughtSignature"])


READERS = {CHAT: read_chat, RESPONSES: read_responses, MESSAGES: read_messages, GEMINI: read_gemini}
