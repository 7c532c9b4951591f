#include "tests/fuzz/samples.h"

namespace routerone::fuzz {

std::array<std::string_view, 3> chat_samples() {
  return {R"([
{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":900,
 "max_tokens":900,"temperature":0.5,"top_p":0.9,"stop":["END","\n\n"],"seed":7,"n":1,
 "presence_penalty":0.1,"frequency_penalty":0.2,"user":"ann@example.test","prompt_cache_key":"k",
 "service_tier":"auto","verbosity":"low","reasoning_effort":"high","metadata":{"a":"b"},
 "store":false,"logit_bias":{},"parallel_tool_calls":true,
 "tool_choice":{"type":"function","function":{"name":"look"}},
 "response_format":{"type":"json_schema","json_schema":{"name":"s","description":"d",
  "strict":true,"schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],
  "additionalProperties":false}}},
 "tools":[{"type":"function","function":{"name":"look","description":"Looks.","strict":true,
  "parameters":{"type":"object","properties":{"q":{"type":"string"}},"required":["q"],
  "additionalProperties":false}}},
  {"type":"function","function":{"name":"go.on/now"}},
  {"type":"custom","custom":{"name":"patch","description":"Patches.",
   "format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: A"}}}}],
 "messages":[{"role":"system","content":"Be short."},
  {"role":"developer","content":[{"type":"text","text":"Be kind."}]},
  {"role":"user","name":"ann","content":[{"type":"text","text":"See","cache_control":
    {"type":"ephemeral"}},
   {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}},
   {"type":"image_url","image_url":{"url":"https://example.test/a.jpg"}},
   {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},
   {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}},
   {"type":"file","file":{"file_id":"file-1"}}]},
  {"role":"assistant","content":"I look.","reasoning_content":"Hm.",
   "reasoning_details":[{"type":"reasoning.text","text":"Hm.","signature":"sig",
    "format":"anthropic-claude-v1","index":0}],
   "tool_calls":[{"id":"call_1","type":"function","function":{"name":"look",
     "arguments":"{\"q\":\"x\"}"}},
    {"id":"call/2","type":"function","function":{"name":"go.on/now","arguments":""},
     "extra_content":{"google":{"thought_signature":"c2ln"}}},
    {"id":"call_3","type":"custom","custom":{"name":"patch","input":"*** Begin"}}]},
  {"role":"tool","tool_call_id":"call/2","content":"two"},
  {"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"one"}]},
  {"role":"tool","tool_call_id":"call_3","content":"three"},
  {"role":"assistant","content":[{"type":"refusal","refusal":"No."}],"refusal":null},
  {"role":"user","content":"And?"}]},
{"model":"m","messages":[{"role":"user","content":"hi"},
  {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
  {"role":"function","name":"f","content":"1"}],
 "functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"}},
{"model":"m","messages":[{"role":"user","content":"hi"}],"tool_choice":"required",
 "tools":[{"type":"function","function":{"name":"f","description":null}}],
 "reasoning":{"effort":"low","max_tokens":2000},"response_format":{"type":"json_object"}}
])",
          R"([
{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"up","service_tier":"default",
 "choices":[{"index":0,"finish_reason":"tool_calls","logprobs":null,"message":{"role":"assistant",
  "content":"Look.","refusal":null,"reasoning_content":"Hm.","reasoning":"Hm.",
  "reasoning_details":[{"type":"reasoning.encrypted","data":"ZQ==","id":"rs_1",
   "format":"openai-responses-v1","index":0}],
  "annotations":[{"type":"url_citation","url_citation":{"url":"https://example.test/","title":"T",
   "start_index":0,"end_index":4}}],
  "tool_calls":[{"id":"call_1","type":"function","function":{"name":"look",
   "arguments":"{\"q\":1}"}},
   {"id":"call_2","type":"custom","custom":{"name":"patch","input":"x"}},
   {"id":"call_3","type":"function","function":{"name":"go","arguments":""}}]}}],
 "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
  "prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},
  "completion_tokens_details":{"reasoning_tokens":2}}},
{"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},
  {"type":"text","text":"Yes"}]},"finish_reason":"stop"}]},
{"choices":[{"message":{"content":"","refusal":"No."},"finish_reason":"content_filter"}]},
{"choices":[{"message":{"content":null,"function_call":{"name":"f","arguments":"{}"}},
  "finish_reason":"function_call"}]},
{"error":{"message":"slow down, try again in 3s","type":"rate_limit","code":429}}
])",
          R"([
[["",{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"up","choices":
  [{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}],
 ["",{"id":"chatcmpl-1","choices":[{"index":0,"delta":{"reasoning_content":"Hm"}}]}],
 ["",{"choices":[{"index":0,"delta":{"reasoning":"m","reasoning_details":
  [{"type":"reasoning.text","text":"m","index":0,"format":"anthropic-claude-v1"}]}}]}],
 ["",{"choices":[{"index":0,"delta":{"reasoning_details":
  [{"type":"reasoning.text","signature":"s","index":0,"format":"anthropic-claude-v1"}]}}]}],
 ["",{"choices":[{"index":0,"delta":{"content":"I look"}}]}],
 ["",{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function",
  "function":{"name":"look","arguments":""}}]}}]}],
 ["",{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":
  {"arguments":"{\"q\":"}}]}}]}],
 ["",{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"function",
  "function":{"name":"go","arguments":"{}"}}]}}]}],
 ["",{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":
  {"arguments":"1}"}}]}}]}],
 ["",{"choices":[{"index":0,"delta":{"tool_calls":[{"index":2,"id":"call_3","type":"custom",
  "custom":{"name":"patch","input":"ab"}}]}}]}],
 ["",{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}],
 ["",{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
  "prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":
  {"reasoning_tokens":2}}}],
 ["","[DONE]"]],
[["",{"choices":[],"prompt_filter_results":[]}],
 ["",{"id":"c","choices":[{"index":0,"delta":{"refusal":"No"}},
  {"index":1,"delta":{"content":"other"}}]}],
 ["",{"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":
  {"url":"https://example.test/","title":"T"}}]},"finish_reason":"stop"}]}],
 ["","[DONE]"]],
[["",{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text",
  "text":"Hm"}]},{"type":"text","text":"A"}],"function_call":{"name":"f","arguments":"{}"}},
  "finish_reason":"length"}]}],["","[DONE]"]],
[["",{"choices":[{"index":0,"delta":{"content":"half"}}]}],
 ["",{"error":{"message":"overloaded","code":503}}],["","[DONE]"]]
])"};
}

}  // namespace routerone::fuzz
