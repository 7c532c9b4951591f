"""Callers, one a dialect: each asks for a scenario in the way of its official SDK and says what the SDK
understood of our answer."""
import base64
import dataclasses
import json

import anthropic
import httpx2
import openai
from google import genai
from openai.lib.streaming.chat import ChatCompletionStreamState
from scenario import CHAT, GEMINI, MEDIA, MESSAGES, RESPONSES, order_of
from tap import Tap
from translation_play import SHORT, Raised

@dataclasses.dataclass
class Seen:
    """What an SDK made of an answer. `native`: to be sent back."""
    text: str
    thinking: str
    refusal: str
    calls: list  # (id, name, arguments: JSON text or an object)
    stop: str
    usage: dict | None
    raw_usage: dict
    model: str
    native: object
    order: list  # of the kinds that can be read


def buckets(read_in, cached, written, output, thinking):
    return {"input": read_in - cached - written, "cache_read": cached, "cache_write": written,
            "output": output, "thinking": thinking}


def media(part):
    kind, data = MEDIA[part.get("image") or part["document"]]
    return kind, data, f"data:{kind};base64,{data}"


class Caller:
    errors = (openai.APIError, anthropic.APIError, genai.errors.APIError)
    keeps_thinking = True  # and sends it back

    def __init__(self, daemon, key):
        self.name = SHORT[self.dialect]
        self.tap = Tap(self.dialect)
        self.client = self.make_client(daemon, key, httpx2.Client(transport=self.tap, timeout=30))

    @property
    def received(self):
        """The bytes of the last answer, and its head."""
        return self.tap.exchanges[-1].received, self.tap.exchanges[-1].headers

    @property
    def status(self):
        return self.tap.exchanges[-1].status

    def cannot(self, scenario, provider, stream):
        """Why this client cannot ask this or see it, or None."""
        return None

    def heard(self, told, scenario, provider):
        """What is `told`, as this client can say it."""
        return told

    def kind_of(self, kind):
        """This client's name for an error's class."""
        return kind

    def raised(self, error):
        kinds = [base.__name__ for base in type(error).__mro__]
        status = getattr(error, "status_code", getattr(error, "code", None))
        return Raised(kinds, status, f"{error} {getattr(error, 'code', '')}", error.response.headers)

    def ask(self, scenario, model, stream):
        self.tap.exchanges.clear()
        asked = self.request(scenario, model)
        return (self.streamed if stream else self.whole)(asked), asked


class ChatCaller(Caller):
    dialect = CHAT

    def make_client(self, daemon, key, http):
        return openai.OpenAI(base_url=f"{daemon.base}/v1", api_key=key, max_retries=0, http_client=http)

    def request(self, scenario, model):
        ask = scenario.ask
        asked = {"model": model, "messages": self.messages(ask), "max_completion_tokens": scenario.cap(CHAT)}
        if "tools" in ask:
            asked["tools"] = [{"type": "function", "function": {
                "name": tool["name"], "parameters": tool["schema"],
                **({"description": tool["description"]} if "description" in tool else {})}}
                for tool in ask["tools"]]
        if choice := ask.get("choice"):
            plain = choice in ("auto", "required", "none")
            asked["tool_choice"] = choice if plain else {"type": "function", "function": {"name": choice}}
        if "format" in ask:
            asked["response_format"] = {"type": "json_schema", "json_schema": {**ask["format"], "strict": True}}
        for name, word in (("parallel", "parallel_tool_calls"), ("stop", "stop"), ("effort", "reasoning_effort")):
            if name in ask:
                asked[word] = ask[name]
        return asked

    def messages(self, ask):
        out = [{"role": "system", "content": ask["system"]}] if "system" in ask else []
        for turn in ask["turns"]:
            if "results" in turn:
                out += [self.result(one) for one in turn["results"]]
            elif "system" in turn:
                out.append({"role": "system", "content": turn["system"]})
            elif "user" in turn:
                out.append({"role": "user", "content": [self.part(part) for part in turn["user"]]})
            else:
                text = "".join(part for part in turn["assistant"] if isinstance(part, str))
                calls = [{"id": part["call"], "type": "function", "function": {
                    "name": part["name"], "arguments": part["arguments"]}}
                    for part in turn["assistant"] if not isinstance(part, str)]
                out.append({"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})})
        return out

    def result(self, one):
        return {"role": "tool", "tool_call_id": one["call"], "content": [self.part(part) for part in one["content"]]}

    def part(self, part):
        if isinstance(part, str):
            return {"type": "text", "text": part}
        if "image" in part:
            return {"type": "image_url", "image_url": {"url": media(part)[2]}}
        return {"type": "file", "file": {"file_data": media(part)[2], "filename": part["document"]}}

    def whole(self, asked):
        return self.seen(self.client.chat.completions.create(**asked))

    def streamed(self, asked):
        state, usage = ChatCompletionStreamState(input_tools=openai.omit, response_format=openai.omit), None
        with self.client.chat.completions.create(
                **asked, stream=True, stream_options={"include_usage": True}) as chunks:
            for chunk in chunks:
                state.handle_chunk(chunk)
                usage = chunk.usage or usage
        answer = state.current_completion_snapshot  # the final one is refused where it ended early
        answer.usage = usage
        return self.seen(answer)

    def seen(self, answer):
        assert len(answer.choices) == 1 and answer.choices[0].index == 0, answer
        assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-"), answer.id
        message, usage = answer.choices[0].message, answer.usage
        raw = usage.model_dump() if usage else {}
        numbers = None
        if usage:
            details, out = usage.prompt_tokens_details, usage.completion_tokens_details
            numbers = buckets(usage.prompt_tokens, details and details.cached_tokens or 0,
                              details and getattr(details, "cache_write_tokens", 0) or 0,
                              usage.completion_tokens, out and out.reasoning_tokens or 0)
        calls = [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or []]
        return Seen(message.content or "", getattr(message, "reasoning_content", None) or "",
                    message.refusal or "", calls, answer.choices[0].finish_reason, numbers, raw,
                    answer.model, message, [])

    def again(self, asked, seen, results):
        """The same conversation after the calls were made."""
        said = {name: value for name, value in seen.native.model_dump(exclude_none=True).items() if name != "parsed"}
        for call in said.get("tool_calls", []):
            call["function"].pop("parsed_arguments", None)
            call.pop("index", None)
        for call, one in zip(said["tool_calls"], results):
            assert call["type"] == "function"
            asked["messages"] += [said, {**self.result(one), "tool_call_id": call["id"]}]
        return asked


class ResponsesCaller(Caller):
    dialect = RESPONSES
    make_client = ChatCaller.make_client

    def request(self, scenario, model):
        ask = scenario.ask
        asked = {"model": model, "input": self.items(ask), "max_output_tokens": scenario.cap(RESPONSES),
                 "store": False}
        if "system" in ask:
            asked["instructions"] = ask["system"]
        if "tools" in ask:
            asked["tools"] = [self.tool(tool) for tool in ask["tools"]]
        if choice := ask.get("choice"):
            plain = choice in ("auto", "required", "none")
            asked["tool_choice"] = choice if plain else {"type": "function", "name": choice}
        if "format" in ask:
            asked["text"] = {"format": {"type": "json_schema", **ask["format"], "strict": True}}
        if "parallel" in ask:
            asked["parallel_tool_calls"] = ask["parallel"]
        if "effort" in ask:
            asked["reasoning"] = {"effort": ask["effort"], "summary": "auto"}
            asked["include"] = ["reasoning.encrypted_content"]
        return asked

    def tool(self, tool):
        words = {"description": tool["description"]} if "description" in tool else {}
        if tool.get("freeform"):
            return {"type": "custom", "name": tool["name"], **words}
        function = {"type": "function", "name": tool["name"], "parameters": tool["schema"], "strict": False, **words}
        if "namespace" not in tool:
            return function
        return {"type": "namespace", "name": tool["namespace"], "description": "Some tools", "tools": [function]}

    def items(self, ask):
        out = []
        for turn in ask["turns"]:
            if "results" in turn:
                out += [self.result(one) for one in turn["results"]]
            elif "system" in turn:
                out.append({"role": "developer", "content": turn["system"]})
            elif "user" in turn:
                out.append({"role": "user", "content": [self.part(part) for part in turn["user"]]})
            else:
                for part in turn["assistant"]:
                    out.append({"role": "assistant", "content": [{"type": "output_text", "text": part}]}
                               if isinstance(part, str) else {
                                   "type": "function_call", "call_id": part["call"], "name": part["name"],
                                   "arguments": part["arguments"]})
        return out

    def result(self, one):
        return {"type": "function_call_output", "call_id": one["call"],
                "output": [self.part(part) for part in one["content"]]}

    def part(self, part):
        if isinstance(part, str):
            return {"type": "input_text", "text": part}
        if "image" in part:
            return {"type": "input_image", "image_url": media(part)[2], "detail": "auto"}
        return {"type": "input_file", "file_data": media(part)[2], "filename": part["document"]}

    def whole(self, asked):
        return self.seen(self.client.responses.create(**asked))

    def streamed(self, asked):
        last = None
        with self.client.responses.stream(**asked) as events:
            for event in events:
                last = event
            if last.type == "response.completed":
                return self.seen(events.get_final_response())
        if last.type == "response.failed":
            raise openai.APIError(last.response.error.message, request=None, body=None)
        assert last.type == "response.incomplete", last
        return self.seen(last.response)

    def seen(self, answer):
        assert answer.object == "response" and answer.id.startswith("resp_"), answer.id
        text, thinking, refusal, calls, kinds = [], [], [], [], []
        for item in answer.output:
            if item.type == "reasoning":
                assert item.id.startswith("rs_"), item.id
                thinking += [part.text for part in item.summary]
                kinds += ["thinking"] if item.summary else []
            elif item.type == "function_call":
                assert item.id.startswith("fc_"), item.id
                group = getattr(item, "namespace", None)
                calls.append((item.call_id, f"{group}/{item.name}" if group else item.name, item.arguments))
                kinds.append("call")
            elif item.type == "custom_tool_call":
                assert item.id.startswith("ctc_"), item.id
                calls.append((item.call_id, item.name, item.input))
                kinds.append("call")
            else:
                assert item.type == "message" and item.id.startswith("msg_") and item.role == "assistant", item
                text += [part.text for part in item.content if part.type == "output_text"]
                refusal += [part.refusal for part in item.content if part.type == "refusal"]
                kinds += ["text"] if any(part.type == "output_text" for part in item.content) else []
        stop = answer.status
        if answer.incomplete_details:
            stop += f": {answer.incomplete_details.reason}"
        usage, numbers = answer.usage, None
        if usage:
            written = getattr(usage.input_tokens_details, "cache_write_tokens", 0) or 0
            numbers = buckets(usage.input_tokens, usage.input_tokens_details.cached_tokens, written,
                              usage.output_tokens, usage.output_tokens_details.reasoning_tokens)
        return Seen("".join(text), "".join(thinking), "".join(refusal), calls, stop, numbers,
                    usage.model_dump() if usage else {}, answer.model, answer, order_of(kinds))

    def again(self, asked, seen, results):
        asked["input"] = [*asked["input"], *seen.native.output]
        asked["input"] += [{**self.result(one), "call_id": call[0]} for call, one in zip(seen.calls, results)]
        return asked


class MessagesCaller(Caller):
    dialect = MESSAGES

    def make_client(self, daemon, key, http):
        return anthropic.Anthropic(base_url=daemon.base, api_key=key, max_retries=0, http_client=http)

    def request(self, scenario, model):
        ask = scenario.ask
        asked = {"model": model, "max_tokens": scenario.cap(MESSAGES),
                 "messages": [self.message(turn) for turn in self.merged(ask["turns"])]}
        if "system" in ask:
            asked["system"] = ask["system"]
        if "tools" in ask:
            asked["tools"] = [{"name": tool["name"], "input_schema": tool["schema"],
                               **({"description": tool["description"]} if "description" in tool else {})}
                              for tool in ask["tools"]]
        if choice := ask.get("choice"):
            asked["tool_choice"] = {"required": {"type": "any"}}.get(choice, {"type": "tool", "name": choice})
        if "parallel" in ask:
            asked["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": not ask["parallel"]}
        if "stop" in ask:
            asked["stop_sequences"] = [stop for stop in ask["stop"] if stop.strip()]
        config = {}
        if "format" in ask:
            config["format"] = {"type": "json_schema", "schema": ask["format"]["schema"]}
        if "effort" in ask:
            asked["thinking"] = {"type": "adaptive", "display": "summarized"}
            config["effort"] = ask["effort"]
        return {**asked, "output_config": config} if config else asked

    def merged(self, turns):
        out = []
        for turn in turns:
            if out and "results" in out[-1] and "user" in turn:
                out[-1] = {**out[-1], **turn}
            else:
                out.append(turn)
        return out

    def message(self, turn):
        if "system" in turn:
            return {"role": "system", "content": turn["system"]}
        if "assistant" in turn:
            return {"role": "assistant", "content": [self.part(part) for part in turn["assistant"]]}
        return {"role": "user", "content": [*(self.result(one) for one in turn.get("results", [])),
                                            *(self.part(part) for part in turn.get("user", []))]}

    def result(self, one):
        return {"type": "tool_result", "tool_use_id": one["call"],
                "content": [self.part(part) for part in one["content"]]}

    def part(self, part):
        if isinstance(part, str):
            return {"type": "text", "text": part}
        if "call" in part:
            return {"type": "tool_use", "id": part["call"], "name": part["name"],
                    "input": json.loads(part["arguments"])}
        kind, data, _ = media(part)
        source = {"type": "base64", "media_type": kind, "data": data}
        return {"type": "image" if "image" in part else "document", "source": source}

    def whole(self, asked):
        return self.seen(self.client.messages.create(**asked))

    def streamed(self, asked):
        with self.client.messages.stream(**asked) as stream:
            return self.seen(stream.get_final_message())

    def seen(self, answer):
        assert answer.type == "message" and answer.role == "assistant" and answer.id.startswith("msg_"), answer
        text = "".join(block.text for block in answer.content if block.type == "text")
        thinking = "".join(block.thinking for block in answer.content if block.type == "thinking")
        calls = [(block.id, block.name, block.input) for block in answer.content if block.type == "tool_use"]
        stop, refusal = answer.stop_reason, ""
        if stop == "stop_sequence":
            stop += f": {answer.stop_sequence}"
        if stop == "refusal":
            details = getattr(answer, "stop_details", None)
            refusal, text = text or (details.explanation if details else ""), ""
        usage = answer.usage
        details = getattr(usage, "output_tokens_details", None)
        numbers = {"input": usage.input_tokens, "cache_read": usage.cache_read_input_tokens or 0,
                   "cache_write": usage.cache_creation_input_tokens or 0, "output": usage.output_tokens,
                   "thinking": details.thinking_tokens or 0 if details else 0}
        kinds = [{"text": "text", "thinking": "thinking", "tool_use": "call"}.get(block.type)
                 for block in answer.content
                 if stop != "refusal" and not (block.type == "thinking" and not block.thinking)]
        return Seen(text, thinking, refusal, calls, stop, numbers, usage.model_dump(), answer.model, answer,
                    order_of(kinds))

    def again(self, asked, seen, results):
        asked["messages"] = [*asked["messages"], {"role": "assistant", "content": seen.native.content},
                             {"role": "user", "content": [{**self.result(one), "tool_use_id": call[0]}
                                                          for call, one in zip(seen.calls, results)]}]
        return asked


class GeminiCaller(Caller):
    dialect = GEMINI

    def kind_of(self, kind):
        return "APIError"  # it tells them by the number

    def make_client(self, daemon, key, http):
        return genai.Client(api_key=key, http_options=genai.types.HttpOptions(
            base_url=daemon.base, httpx_client=http))

    def request(self, scenario, model):
        ask, types = scenario.ask, genai.types
        config = types.GenerateContentConfig(
            max_output_tokens=scenario.cap(GEMINI), system_instruction=ask.get("system"),
            stop_sequences=ask.get("stop"))
        if "tools" in ask:
            config.tools = [types.Tool(function_declarations=[types.FunctionDeclaration(
                name=tool["name"], description=tool.get("description"), parameters_json_schema=tool["schema"])
                for tool in ask["tools"]])]
        if choice := ask.get("choice"):
            named = [] if choice == "required" else [choice]
            config.tool_config = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(
                mode="ANY", allowed_function_names=named or None))
        if "format" in ask:
            config.response_mime_type = "application/json"
            config.response_json_schema = ask["format"]["schema"]
        if "effort" in ask:
            config.thinking_config = types.ThinkingConfig(
                thinking_level=ask["effort"].upper(), include_thoughts=True)
        names = {part["call"]: part["name"] for turn in ask["turns"] for part in turn.get("assistant", [])
                 if not isinstance(part, str)}
        return {"model": model, "config": config, "contents": [self.content(turn, names) for turn in ask["turns"]]}

    def content(self, turn, names):
        if "results" in turn:
            order = {call: n for n, call in enumerate(names)}
            results = sorted(turn["results"], key=lambda one: order[one["call"]])
            return genai.types.Content(role="user", parts=[self.result(one, names) for one in results])
        role = "model" if "assistant" in turn else "user"
        said = turn.get("user") or turn["assistant"]
        return genai.types.Content(role=role, parts=[self.part(part) for part in said])

    def result(self, one, names):
        types = genai.types
        text = "".join(part for part in one["content"] if isinstance(part, str))
        images = [types.FunctionResponsePart(inline_data=types.FunctionResponseBlob(
            mime_type=media(part)[0], data=base64.b64decode(media(part)[1])))
            for part in one["content"] if not isinstance(part, str)]
        return types.Part(function_response=types.FunctionResponse(
            id=one["call"], name=names[one["call"]], response={"output": text}, parts=images or None))

    def part(self, part):
        types = genai.types
        if isinstance(part, str):
            return types.Part(text=part)
        if "call" in part:
            return types.Part(function_call=types.FunctionCall(
                id=part["call"], name=part["name"], args=json.loads(part["arguments"])))
        return types.Part.from_bytes(mime_type=media(part)[0], data=base64.b64decode(media(part)[1]))

    def whole(self, asked):
        return self.seen([self.client.models.generate_content(**asked)])

    def streamed(self, asked):
        return self.seen(list(self.client.models.generate_content_stream(**asked)))

    def seen(self, chunks):
        parts = [part for chunk in chunks for candidate in chunk.candidates or []
                 for part in (candidate.content and candidate.content.parts or [])]
        last = chunks[-1]
        finishes = [candidate for chunk in chunks for candidate in chunk.candidates or [] if candidate.finish_reason]
        stop = finishes[-1].finish_reason.value if finishes else "cut"
        text = "".join(part.text for part in parts if part.text and not part.thought)
        thinking = "".join(part.text for part in parts if part.text and part.thought)
        calls = [(part.function_call.id, part.function_call.name, part.function_call.args or {})
                 for part in parts if part.function_call]
        kinds = ["call" if part.function_call else "thinking" if part.thought else "text"
                 for part in parts if part.function_call or part.text]
        refusal = ""
        if stop == "SAFETY":
            refusal, text, kinds = text or finishes[-1].finish_message or "", "", []
        usage, numbers = last.usage_metadata, None
        if usage:
            thoughts = usage.thoughts_token_count or 0
            numbers = buckets(usage.prompt_token_count or 0, usage.cached_content_token_count or 0, 0,
                              (usage.candidates_token_count or 0) + thoughts, thoughts)
        return Seen(text, thinking, refusal, calls, stop, numbers, usage.model_dump() if usage else {},
                    last.model_version, [part for part in parts if part.text != "" or part.thought_signature],
                    order_of(kinds))

    def again(self, asked, seen, results):
        types, names = genai.types, {one["call"]: call[1] for call, one in zip(seen.calls, results)}
        answers = [self.result(one, names) for one in results]
        for answer, call in zip(answers, seen.calls):
            answer.function_response.id = call[0]
        asked["contents"] = [*asked["contents"], types.Content(role="model", parts=seen.native),
                             types.Content(role="user", parts=answers)]
        return asked


CALLERS = (ChatCaller, ResponsesCaller, MessagesCaller, GeminiCaller)
