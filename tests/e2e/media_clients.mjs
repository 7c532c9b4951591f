// The openai SDK of Node on the endpoints beside conversation: asked for each in turn, it prints what it
// made of the answers as one JSON text.
import { createHash } from "node:crypto";
import OpenAI, { toFile } from "openai";

const { base, key } = JSON.parse(process.env.E2E_MEDIA);
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: key, maxRetries: 0, timeout: 30_000 });
const bytes = Buffer.from(Array.from({ length: 7680 }, (_, n) => n % 256));
const tape = () => toFile(bytes, "Grüße “band”.mp3", { type: "audio/mpeg" });
const picture = () => toFile(bytes, "a.png", { type: "image/png" });

async function types(stream) {
  const found = [];
  for await (const event of await stream) found.push(event.type);
  return found;
}

const model = "box/ok";
const image = await client.images.generate({ model, prompt: "a cat", n: 2 });
const edited = await client.images.edit({ model, prompt: "x", image: [await picture(), await picture()] });
const spoken = await client.audio.speech.create({ model, input: "hello", voice: "alloy" });
const sound = Buffer.from(await spoken.arrayBuffer());
const heard = await client.audio.transcriptions.create({ model, file: await tape() });
const refused = await client.audio.transcriptions.create({ model: "nobody/has/this", file: await tape() })
  .then(() => "served", (error) => `${error.constructor.name} ${error.status} ${error.code}`);
console.log(JSON.stringify({
  images: image.data.length,
  edited: edited.usage.output_tokens,
  image_events: await types(client.images.generate({ model, prompt: "a cat", stream: true })),
  edit_events: await types(client.images.edit({ model, prompt: "x", image: await picture(), stream: true })),
  sound: createHash("sha256").update(sound).digest("hex"),
  heard: heard.text,
  heard_as_text: await client.audio.transcriptions.create({ model, file: await tape(), response_format: "text" }),
  heard_events: await types(client.audio.transcriptions.create({ model, file: await tape(), stream: true })),
  translated: (await client.audio.translations.create({ model, file: await tape() })).text,
  flagged: (await client.moderations.create({ model, input: "x" })).results[0].flagged,
  ranked: (await client.post("/rerank", { body: { model, query: "q", documents: ["a", "b"] } })).results.length,
  refused,
}));
