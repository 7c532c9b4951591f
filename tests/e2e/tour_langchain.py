"""LangChain's chat classes as callers: one form of asking and of answers for all of them."""
import json

import anthropic
import openai
from dialect_callers import ChatCaller, GeminiCaller, MessagesCaller, ResponsesCaller, Seen, buckets, media
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_google_genai.chat_models import ChatGoogleGenerativeAIError
from langchain_openai import ChatOpenAI
from scenario import GEMINI, MESSAGES, order_of

KINDS = {"text": "text", "reasoning": "thinking", "tool_call": "call", "invalid_tool_call": "call"}


class LangChainCaller:
    """Mixed in before the dialect's caller, whose client it uses beneath."""

    def __init__(self, daemon, key):
        super().__init__(daemon, key)
        self.name, self.base, self.key = f"langchain-{self.name}", daemon.base, key

    def request(self, scenario, model):
        ask = scenario.ask
        bound = {"stop": ask["stop"]} if "stop" in ask else {}
        return {"llm": self.chat(model, scenario.cap(self.dialect), ask), "messages": self.messages(ask),
                "tools": [self.tool(tool) for tool in ask.get("tools", [])], "choice": ask.get("choice"),
                "format": ask.get("format"), "bound": {**bound, **self.parallel(ask)}}

    def parallel(self, ask):
        return {"parallel_tool_calls": ask["parallel"]} if "parallel" in ask else {}

    def tool(self, tool):
        words = {"description": tool["description"]} if "description" in tool else {}
        return {"type": "function", "function": {"name": tool["name"], "parameters": tool["schema"], **words}}

    def messages(self, ask):
        out = [SystemMessage(ask["system"])] if "system" in ask else []
        for turn in ask["turns"]:
            if "system" in turn:
                out.append(SystemMessage(turn["system"]))
            elif "user" in turn:
                out.append(HumanMessage([self.part(part) for part in turn["user"]]))
            elif "results" in turn:
                out += [self.result(one) for one in self.sorted_results(turn["results"], ask)]
            else:
                calls = [{"type": "tool_call", "id": part["call"], "name": part["name"],
                          "args": json.loads(part["arguments"])}
                         for part in turn["assistant"] if not isinstance(part, str)]
                text = "".join(part for part in turn["assistant"] if isinstance(part, str))
                out.append(AIMessage(text, tool_calls=calls))
        return out

    def sorted_results(self, results, ask):
        return results

    def part(self, part):
        if isinstance(part, str):
            return {"type": "text", "text": part}
        kind, data, _ = media(part)
        if "image" in part:
            return {"type": "image", "base64": data, "mime_type": kind}
        return {"type": "file", "base64": data, "mime_type": kind, "filename": part["document"]}

    def result(self, one):
        plain = all(isinstance(part, str) for part in one["content"])
        content = "".join(one["content"]) if plain else [self.part(part) for part in one["content"]]
        return ToolMessage(content, tool_call_id=one["call"])

    def cannot(self, scenario, provider, stream):
        if scenario.name == "codex_tools":
            return "it has no tools of a namespace"
        return None

    def runnable(self, asked):
        llm = asked["llm"]
        if asked["tools"]:
            word = {"required": "any"}.get(asked["choice"], asked["choice"])
            choice = {"tool_choice": word} if word else {}
            llm = llm.bind_tools(asked["tools"], **choice, **asked["bound"])
        elif asked["bound"]:
            llm = llm.bind(**asked["bound"])
        if wanted := asked["format"]:
            schema = {"title": wanted["name"], **wanted["schema"]}
            llm = llm.with_structured_output(schema, method="json_schema", include_raw=True)
        return llm

    @property
    def keeps_thinking_in_loops(self):
        return self.keeps_thinking

    def loop(self, scenario, model, result, stream):
        """The last words, after every call came to `result`."""
        asked = self.request(scenario, model)
        while True:
            seen = (self.streamed if stream else self.whole)(asked)
            if not seen.calls:
                return seen.text
            asked = self.again(asked, seen, [{"content": [result]} for _ in seen.calls])

    def whole(self, asked):
        answer = self.runnable(asked).invoke(asked["messages"])
        return self.seen(self.structured(answer) if asked["format"] else answer)

    def streamed(self, asked):
        answer = None
        for piece in self.runnable(asked).stream(asked["messages"]):
            answer = piece if answer is None else answer + piece
        return self.seen(self.structured(answer) if asked["format"] else answer)

    def structured(self, answer):
        raw = answer["raw"]
        assert answer["parsed"] == json.loads(raw.text), answer
        return raw

    def seen(self, answer):
        blocks, usage = answer.content_blocks, answer.usage_metadata
        thinking = "".join(block.get("reasoning", "") for block in blocks if block["type"] == "reasoning")
        calls = [(call["id"], call["name"], call["args"]) for call in [*answer.tool_calls, *answer.invalid_tool_calls]]
        kinds = [KINDS.get(block["type"]) for block in blocks
                 if block["type"] not in ("text", "reasoning") or block.get(block["type"])]
        numbers = None
        if usage:
            read, said = usage.get("input_token_details", {}), usage.get("output_token_details", {})
            written = sum(read.get(name) or 0 for name in ("cache_creation", "ephemeral_5m_input_tokens"))
            numbers = buckets(usage["input_tokens"], read.get("cache_read") or 0, written,
                              usage["output_tokens"], said.get("reasoning") or 0)
        return Seen(answer.text, thinking, self.refusal(answer), calls, self.stop(answer.response_metadata), numbers,
                    dict(usage or {}), answer.response_metadata.get("model_name"), answer, order_of(kinds))

    def refusal(self, answer):
        return answer.additional_kwargs.get("refusal") or ""

    def stop(self, about):
        return about["finish_reason"]

    def heard(self, told, scenario, provider):
        told.raw_usage = None
        return told

    def again(self, asked, seen, results):
        names = {call[0]: call[1] for call in seen.calls}
        answers = [self.result({**one, "call": call}) for one, call in zip(results, names)]
        for answer in answers:
            answer.name = names[answer.tool_call_id]
        asked["messages"] = [*asked["messages"], seen.native, *answers]
        return asked


class LangChainChat(LangChainCaller, ChatCaller):
    """It has no thinking in this dialect: neither does it read any, nor send it back."""
    keeps_thinking = False

    def make_client(self, daemon, key, http):
        return http

    def cannot(self, scenario, provider, stream):
        if scenario.name == "refusal" and stream:
            return "it does not read the refusal of a stream"
        return super().cannot(scenario, provider, stream)

    def chat(self, model, cap, ask):
        effort = {"reasoning_effort": ask["effort"]} if "effort" in ask else {}
        return ChatOpenAI(model=model, base_url=f"{self.base}/v1", api_key=self.key, max_retries=0,
                          http_client=self.client, stream_usage=True, max_completion_tokens=cap, **effort)

    def heard(self, told, scenario, provider):
        told.thinking = ""
        return super().heard(told, scenario, provider)


class LangChainResponses(LangChainCaller, ResponsesCaller):
    errors = (*ResponsesCaller.errors, ValueError)  # of a stream that tells that it failed
    make_client = LangChainChat.make_client

    def cannot(self, scenario, provider, stream):
        if scenario.name == "interleaved_tools" and stream:
            return "it puts calls that come by turns together wrongly"
        return super().cannot(scenario, provider, stream)

    def chat(self, model, cap, ask):
        more = {}
        if "effort" in ask:
            more = {"reasoning": {"effort": ask["effort"], "summary": "auto"},
                    "include": ["reasoning.encrypted_content"]}
        return ChatOpenAI(model=model, base_url=f"{self.base}/v1", api_key=self.key, max_retries=0,
                          http_client=self.client, use_responses_api=True, output_version="responses/v1",
                          store=False, max_completion_tokens=cap, **more)

    def refusal(self, answer):
        return "".join(block["refusal"] for block in answer.content
                       if isinstance(block, dict) and block["type"] == "refusal") or super().refusal(answer)

    def stop(self, about):
        details = about.get("incomplete_details")
        return about["status"] + (f": {details['reason']}" if details else "")


class LangChainMessages(LangChainCaller, MessagesCaller):
    def make_client(self, daemon, key, http):
        return anthropic.Anthropic(base_url=daemon.base, api_key=key, max_retries=0, http_client=http)

    def chat(self, model, cap, ask):
        more = {}
        if "effort" in ask:
            more = {"thinking": {"type": "adaptive", "display": "summarized"}, "effort": ask["effort"]}
        llm = ChatAnthropic(model=model, base_url=self.base, api_key=self.key, max_retries=0, max_tokens=cap, **more)
        llm.__dict__["_client"] = self.client
        return llm

    def cannot(self, scenario, provider, stream):
        if scenario.name == "later_instructions":
            return "it takes instructions at the beginning alone"
        return super().cannot(scenario, provider, stream)

    def heard(self, told, scenario, provider):
        """A refusal is text; it does not show what is said of one beside it."""
        if scenario.name == "refusal":
            told.text, told.refusal, told.order = "" if provider in (MESSAGES, GEMINI) else told.refusal, "", None
        return super().heard(told, scenario, provider)

    def stop(self, about):
        word = about["stop_reason"]
        return f"{word}: {about['stop_sequence']}" if word == "stop_sequence" else word


class LangChainGemini(LangChainCaller, GeminiCaller):
    errors = (*GeminiCaller.errors, ChatGoogleGenerativeAIError)

    def raised(self, error):
        return super().raised(error.__cause__ or error)

    def heard(self, told, scenario, provider):
        """A refusal is text, or a finishMessage, which it does not read; calls stand behind all words."""
        told.order = None
        if scenario.name == "refusal":
            told.text, told.refusal = "" if provider == GEMINI else told.refusal, ""
        return super().heard(told, scenario, provider)

    def chat(self, model, cap, ask):
        more = {"thinking_level": ask["effort"], "include_thoughts": True} if "effort" in ask else {}
        llm = ChatGoogleGenerativeAI(model=model, base_url=self.base, api_key=self.key, max_retries=1,
                                     max_output_tokens=cap, **more)
        llm.client = self.client
        return llm

    def parallel(self, ask):
        return {}

    def cannot(self, scenario, provider, stream):
        if scenario.name == "tool_result_image":
            return "it sends what a tool shows before the result, and the result as a list of its own blocks"
        if scenario.name == "parallel_tools" and provider != GEMINI:
            return "it lists all tools as those that may be called"
        return super().cannot(scenario, provider, stream)

    def sorted_results(self, results, ask):
        """They are told apart by their order."""
        order = [part["call"] for turn in ask["turns"] for part in turn.get("assistant", [])
                 if not isinstance(part, str)]
        return sorted(results, key=lambda one: order.index(one["call"]))


LANGCHAIN_CALLERS = (LangChainChat, LangChainResponses, LangChainMessages, LangChainGemini)
