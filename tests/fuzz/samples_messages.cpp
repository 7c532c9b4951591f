#include "tests/fuzz/samples.h"

namespace routerone::fuzz {

std::array<std::string_view, 3> messages_samples() {
  return {R"([
{"model":"m","max_tokens":4000,"stream":true,"temperature":1,"top_p":0.9,"top_k":5,
 "stop_sequences":["END"],"service_tier":"auto","metadata":{"user_id":"{\"session_id\":\"s\"}"},
 "thinking":{"type":"enabled","budget_tokens":2000,"display":"summarized"},
 "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}},
 "context_management":{"edits":[]},
 "tool_choice":{"type":"tool","name":"look","disable_parallel_tool_use":true},
 "tools":[{"name":"look","description":"Looks.","input_schema":{"type":"object","properties":
   {"q":{"type":"string"}}},"cache_control":{"type":"ephemeral","ttl":"1h"},"strict":true},
  {"type":"custom","name":"mcp__a__b","input_schema":{"type":"object"}},
  {"type":"web_search_20250305","name":"web_search","max_uses":2}],
 "system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=1;"},
  {"type":"text","text":"Be short.","cache_control":{"type":"ephemeral"}}],
 "messages":[{"role":"user","content":[{"type":"text","text":"See"},
   {"type":"image","source":{"type":"base64","media_type":"image/jpg","data":"/9j/4AA="}},
   {"type":"image","source":{"type":"url","url":"https://example.test/a.png"}},
   {"type":"document","source":{"type":"base64","media_type":"application/pdf",
    "data":"JVBERi0="},"title":"a.pdf","citations":{"enabled":true}},
   {"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}},
   {"type":"document","source":{"type":"content","content":[{"type":"text","text":"in"}]}},
   {"type":"image","source":{"type":"file","file_id":"file_1"}}]},
  {"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"c2ln"},
   {"type":"redacted_thinking","data":"ZGF0YQ=="},{"type":"text","text":"I look."},
   {"type":"tool_use","id":"toolu_1","name":"look","input":{"q":"x"}},
   {"type":"tool_use","id":"toolu_2","name":"mcp__a__b","input":{}}]},
  {"role":"user","content":[{"type":"text","text":"before"},
   {"type":"tool_result","tool_use_id":"toolu_2","is_error":true,"content":"two"},
   {"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"one"},
    {"type":"image","source":{"type":"base64","media_type":"image/png",
     "data":"iVBORw0KGgo="}}]},
   {"type":"text","text":"after","cache_control":{"type":"ephemeral"}}]},
  {"role":"system","content":"In between."},
  {"role":"user","content":"Once"},{"role":"user","content":"more"},
  {"role":"assistant","content":[{"type":"server_tool_use","id":"srvtoolu_1",
    "name":"web_search","input":{"query":"q"}},
   {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]},
   {"type":"text","text":"Said.","citations":[{"type":"web_search_result_location",
    "url":"https://example.test/","title":"T","cited_text":"c","encrypted_index":"e"}]}]},
  {"role":"user","content":"Go"}]},
{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}],
 "thinking":{"type":"adaptive"},"tool_choice":{"type":"any"},
 "tools":[{"name":"f","input_schema":{"type":"object","anyOf":[{"required":["a"]}]}}]},
{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"},
  {"role":"assistant","content":"Start"}],"thinking":{"type":"disabled"}}
])",
          R"([
{"id":"msg_1","type":"message","role":"assistant","model":"up","stop_reason":"tool_use",
 "stop_sequence":null,"content":[{"type":"thinking","thinking":"Hm.","signature":"c2ln"},
  {"type":"redacted_thinking","data":"ZGF0YQ=="},
  {"type":"text","text":"Look.","citations":[{"type":"web_search_result_location",
   "url":"https://example.test/","title":"T","cited_text":"c"}]},
  {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}},
  {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]},
  {"type":"tool_use","id":"toolu_1","name":"look","input":{"q":1}},
  {"type":"tool_use","id":"toolu_2","name":"go","input":{}}],
 "usage":{"input_tokens":6,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,
  "cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":0},
  "output_tokens":5,"service_tier":"standard","server_tool_use":{"web_search_requests":1}}},
{"type":"message","content":[],"stop_reason":"refusal","stop_details":{"type":"refusal",
  "explanation":"No.","category":"cyber"},"usage":{"input_tokens":1,"output_tokens":1}},
{"type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"stop_sequence",
 "stop_sequence":"END","usage":{"input_tokens":1,"output_tokens":1}},
{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}
])",
          R"([
[["message_start",{"type":"message_start","message":{"id":"msg_1","type":"message",
  "role":"assistant","model":"up","content":[],"stop_reason":null,"usage":{"input_tokens":6,
  "cache_read_input_tokens":4,"cache_creation_input_tokens":0,"output_tokens":1}}}],
 ["ping",{"type":"ping"}],
 ["content_block_start",{"type":"content_block_start","index":0,"content_block":
  {"type":"thinking","thinking":"","signature":""}}],
 ["content_block_delta",{"type":"content_block_delta","index":0,"delta":
  {"type":"thinking_delta","thinking":"Hm"}}],
 ["content_block_delta",{"type":"content_block_delta","index":0,"delta":
  {"type":"signature_delta","signature":"c2ln"}}],
 ["content_block_stop",{"type":"content_block_stop","index":0}],
 ["content_block_start",{"type":"content_block_start","index":1,"content_block":
  {"type":"redacted_thinking","data":"ZGF0YQ=="}}],
 ["content_block_stop",{"type":"content_block_stop","index":1}],
 ["content_block_start",{"type":"content_block_start","index":2,"content_block":
  {"type":"text","text":""}}],
 ["content_block_delta",{"type":"content_block_delta","index":2,"delta":
  {"type":"text_delta","text":"Look."}}],
 ["content_block_delta",{"type":"content_block_delta","index":2,"delta":
  {"type":"citations_delta","citation":{"type":"web_search_result_location",
   "url":"https://example.test/","title":"T","cited_text":"c"}}}],
 ["content_block_stop",{"type":"content_block_stop","index":2}],
 ["content_block_start",{"type":"content_block_start","index":3,"content_block":
  {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}}],
 ["content_block_delta",{"type":"content_block_delta","index":3,"delta":
  {"type":"input_json_delta","partial_json":"{}"}}],
 ["content_block_stop",{"type":"content_block_stop","index":3}],
 ["content_block_start",{"type":"content_block_start","index":4,"content_block":
  {"type":"tool_use","id":"toolu_1","name":"look","input":{}}}],
 ["content_block_delta",{"type":"content_block_delta","index":4,"delta":
  {"type":"input_json_delta","partial_json":"{\"input\""}}],
 ["content_block_delta",{"type":"content_block_delta","index":4,"delta":
  {"type":"input_json_delta","partial_json":":\"a\\u00e9\"}"}}],
 ["content_block_stop",{"type":"content_block_stop","index":4}],
 ["content_block_start",{"type":"content_block_start","index":5,"content_block":
  {"type":"tool_use","id":"toolu_2","name":"go","input":{}}}],
 ["content_block_delta",{"type":"content_block_delta","index":5,"delta":
  {"type":"input_json_delta","partial_json":""}}],
 ["content_block_stop",{"type":"content_block_stop","index":5}],
 ["message_delta",{"type":"message_delta","delta":{"stop_reason":"tool_use",
  "stop_sequence":null},"usage":{"input_tokens":6,"output_tokens":9}}],
 ["message_stop",{"type":"message_stop"}]],
[["message_start",{"type":"message_start","message":{"id":"msg_2","usage":
  {"input_tokens":1,"output_tokens":1}}}],
 ["message_delta",{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":
  {"explanation":"No."}},"usage":{"output_tokens":1}}],
 ["message_stop",{"type":"message_stop"}]],
[["message_start",{"type":"message_start","message":{"id":"msg_3"}}],
 ["content_block_delta",{"type":"content_block_delta","index":0,"delta":
  {"type":"text_delta","text":"a"}}],
 ["error",{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}]]
])"};
}

}  // namespace routerone::fuzz
