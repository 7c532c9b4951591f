#include "tests/fuzz/samples.h"

namespace routerone::fuzz {

std::array<std::string_view, 3> gemini_samples() {
  return {R"([
{"systemInstruction":{"role":"system","parts":[{"text":"Be short."}]},
 "generationConfig":{"maxOutputTokens":900,"temperature":0.5,"topP":0.9,"topK":4,"seed":7,
  "candidateCount":1,"stopSequences":["END"],"presencePenalty":0.1,"frequencyPenalty":0.2,
  "responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"a":
  {"type":"STRING","nullable":true}},"required":["a"],"propertyOrdering":["a"]},
  "thinkingConfig":{"includeThoughts":true,"thinkingBudget":1024,"thinkingLevel":"HIGH"}},
 "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],
 "labels":{"a":"b"},"serviceTier":"standard",
 "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["look"]}},
 "tools":[{"functionDeclarations":[{"name":"look","description":"Looks.","parameters":
   {"type":"OBJECT","properties":{"q":{"type":"STRING","enum":["x"]}}}},
   {"name":"go","parametersJsonSchema":{"type":"object"},"response":{"type":"STRING"}}]},
  {"googleSearch":{}},{"codeExecution":{}},{"urlContext":{}}],
 "contents":[{"role":"user","parts":[{"text":"See"},
   {"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}},
   {"inlineData":{"mimeType":"application/pdf","data":"JVBERi0="}},
   {"inlineData":{"mimeType":"audio/wav","data":"UklGRg=="}},
   {"fileData":{"mimeType":"image/png","fileUri":"https://example.test/a.png"}}]},
  {"role":"model","parts":[{"text":"Hm.","thought":true,"thoughtSignature":"c2ln"},
   {"text":"I look."},
   {"functionCall":{"id":"a1","name":"look","args":{"q":"x"}},"thoughtSignature":"c2ln"},
   {"functionCall":{"name":"go"}},{"functionCall":{"name":"look","args":{}}}]},
  {"role":"user","parts":[{"functionResponse":{"id":"a1","name":"look","response":
    {"output":"one"}}},
   {"functionResponse":{"name":"go","response":{"error":"two"}}},
   {"functionResponse":{"name":"look","response":{"result":3},"parts":[{"inlineData":
    {"mimeType":"image/png","data":"iVBORw0KGgo="}}]}}]},
  {"role":"model","parts":[{"executableCode":{"language":"PYTHON","code":"1"}},
   {"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}}]},
  {"parts":[{"text":"And?"}]}]},
{"contents":{"parts":{"text":"hi"}},"system_instruction":{"parts":{"text":"s"}},
 "generation_config":{"max_output_tokens":5,"response_json_schema":{"type":"object"}}},
{"contents":[{"role":"function","parts":[{"functionResponse":{"name":"x","response":{}}}]}],
 "toolConfig":{"functionCallingConfig":{"mode":"NONE"}},"cachedContent":null}
])",
          R"([
{"responseId":"r","modelVersion":"up","candidates":[{"index":0,"finishReason":"STOP",
  "content":{"role":"model","parts":[{"text":"Hm.","thought":true,"thoughtSignature":"c2ln"},
   {"text":"Look."},{"text":"","thoughtSignature":"dHd0"},
   {"functionCall":{"id":"a1","name":"look","args":{"q":1}},"thoughtSignature":"c2ln"},
   {"functionCall":{"name":"go"}},
   {"executableCode":{"language":"PYTHON","code":"1"}},
   {"codeExecutionResult":{"output":"1"}},
   {"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]},
  "groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://example.test/","title":"T"}}],
   "groundingSupports":[{"segment":{"startIndex":0,"endIndex":3,"text":"Loo"},
    "groundingChunkIndices":[0]}]}}],
 "usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":5,
  "thoughtsTokenCount":2,"toolUsePromptTokenCount":1,"totalTokenCount":18,
  "promptTokensDetails":[{"modality":"TEXT","tokenCount":10}]}},
{"promptFeedback":{"blockReason":"SAFETY","blockReasonMessage":"No."},"usageMetadata":
 {"promptTokenCount":3}},
{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"bad"}]},
{"candidates":[{"finishReason":"MAX_TOKENS","content":{"parts":[{"text":"a"}]}}]},
{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[
 {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7s"}]}}
])",
          R"([
[["",{"responseId":"r","modelVersion":"up","candidates":[{"content":{"role":"model","parts":
  [{"text":"Hm","thought":true}]},"index":0}],"usageMetadata":{"promptTokenCount":10}}],
 ["",{"responseId":"r","candidates":[{"content":{"parts":[{"text":"m","thought":true,
  "thoughtSignature":"c2ln"}]}}]}],
 ["",{"candidates":[{"content":{"parts":[{"text":"Look"}]}}]}],
 ["",{"candidates":[{"content":{"parts":[{"functionCall":{"id":"a1","name":"look","args":
  {"q":1}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"go","args":{}}}]}}]}],
 ["",{"candidates":[{"content":{"parts":[{"functionCall":{"name":"long","willContinue":true}}]}}]}],
 ["",{"candidates":[{"content":{"parts":[{"functionCall":{"willContinue":true,"partialArgs":
  [{"jsonPath":"$.a.b[0]","stringValue":"x","willContinue":true},
   {"jsonPath":"$.n","numberValue":1},{"jsonPath":"$.t","boolValue":true},
   {"jsonPath":"$.z","nullValue":"NULL_VALUE"}]}}]}}]}],
 ["",{"candidates":[{"content":{"parts":[{"functionCall":{"willContinue":true,"partialArgs":
  [{"jsonPath":"$.a.b[0]","stringValue":"y"}]}}]}}]}],
 ["",{"candidates":[{"content":{"parts":[{"functionCall":{}}]}}]}],
 ["",{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"dHd0"}]},
  "finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":
  {"uri":"https://example.test/","title":"T"}}],"groundingSupports":[{"segment":
  {"endIndex":3},"groundingChunkIndices":[0]}]}}],
  "usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5,"thoughtsTokenCount":2,
  "totalTokenCount":17}}]],
[["",{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}]],
[["",{"candidates":[{"content":{"parts":[{"executableCode":{"language":"PYTHON","code":"1"}},
  {"codeExecutionResult":{"output":"1"}},{"inlineData":{"mimeType":"image/png","data":"iV"}}]},
  "finishReason":"MAX_TOKENS"}]}]],
[["",{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}],
 ["",{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}]]
])"};
}

}  // namespace routerone::fuzz
