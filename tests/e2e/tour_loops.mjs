// A loop of each Node SDK that calls tools by itself, as far as it has one: it asks, is told to call, calls
// `tool` of its own program, sends the result and everything of the answer back, and says its last answer.
import { generateText, isStepCount, jsonSchema, streamText, tool } from "ai";

const chatLoop = (openai) => async ({ tools, ...asked }, result, stream) => {
  const runnable = tools.map((one) => ({
    ...one, function: { ...one.function, function: () => result, parse: JSON.parse },
  }));
  return openai.chat.completions.runTools({ ...asked, tools: runnable, stream }).finalContent();
};

const responsesLoop = (openai) => async (asked, result, stream) => {
  const input = [...asked.input];
  for (;;) {
    const { output, output_text } = stream
      ? await openai.responses.stream({ ...asked, input }).finalResponse()
      : await openai.responses.create({ ...asked, input });
    const calls = output.filter((item) => item.type === "function_call");
    if (!calls.length) return output_text;
    const said = output.map(({ parsed_arguments, ...item }) => item); // which is the SDK's alone
    input.push(...said, ...calls.map(({ call_id }) => ({ type: "function_call_output", call_id, output: result })));
  }
};

const messagesLoop = (sdk) => async ({ tools, ...asked }, result, stream) => {
  const runner = sdk.beta.messages.toolRunner({
    ...asked, stream, tools: tools.map((one) => ({ ...one, run: () => result, parse: (input) => input })),
  });
  const last = await runner.runUntilDone();
  return last.content.filter((block) => block.type === "text").map((block) => block.text).join("");
};

const googleLoop = (sdk) => async ({ model, config, contents }, result, stream) => {
  const chat = sdk.chats.create({ model, config });
  let message = contents[0].parts;
  for (;;) {
    const chunks = [];
    if (stream) for await (const chunk of await chat.sendMessageStream({ message })) chunks.push(chunk);
    else chunks.push(await chat.sendMessage({ message }));
    const calls = chunks.flatMap((chunk) => chunk.functionCalls ?? []);
    if (!calls.length) return chunks.map((chunk) => chunk.text ?? "").join("");
    message = calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { output: result } } }));
  }
};

const vercelLoop = (model) => async ({ model: id, tools, ...asked }, result, stream) => {
  const settings = { ...asked, model: model(id), maxRetries: 0, stopWhen: isStepCount(3) };
  settings.tools = Object.fromEntries(tools.map(({ name, schema }) =>
    [name, tool({ inputSchema: jsonSchema(schema), execute: () => result })]));
  if (!stream) return (await generateText(settings)).text;
  let failure = null;
  const done = streamText({ ...settings, onError: ({ error }) => { failure ??= error; } });
  await done.consumeStream();
  if (failure) throw failure;
  return done.text;
};

/// `sdks`: by the name of a client; those of Vercel are functions from a model's id to the model.
export const loopsOf = ({ openai, anthropic1, anthropic0, genai3, genai1, vercel }) => ({
  "openai-chat": chatLoop(openai),
  "openai-responses": responsesLoop(openai),
  "anthropic-1": messagesLoop(anthropic1),
  "anthropic-0": messagesLoop(anthropic0),
  "genai-3": googleLoop(genai3),
  "genai-1": googleLoop(genai1),
  ...Object.fromEntries(Object.entries(vercel).map(([name, model]) => [name, vercelLoop(model)])),
});
