// Reads what the pinned packages hold, as they hold it. Nothing of a package is run but the one
// literal that genai-prices keeps its table in.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";

export const json = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Fetches the pinned packages into `folder`, checked against their pinned sum. */
export function fetchPackages(folder, packages) {
  mkdirSync(folder, { recursive: true });
  for (const one of packages) {
    const into = join(folder, one.id);
    if (existsSync(into)) continue;
    const name = `${one.package}@${one.version}`;
    const packed = execFileSync("npm", ["pack", "--silent", name], { cwd: folder });
    const archive = join(folder, packed.toString().trim().split("\n").pop());
    const sum = createHash("sha512").update(readFileSync(archive)).digest("base64");
    if (sum !== one.sha512) throw new Error(`${name} is not what was pinned: sha512 ${sum}`);
    mkdirSync(into);
    execFileSync("tar", ["xzf", archive, "-C", into, `package/${one.files}`]);
  }
}

/** Every model row of pi-ai, in the order of its files. */
function piRows(folder) {
  const data = join(folder, "pi-ai/package/dist/providers/data");
  const files = readdirSync(data).filter((name) => name.endsWith(".json") && name[0] !== ".");
  return files.sort().flatMap((name) =>
    Object.entries(json(join(data, name))).flatMap(([api, models]) =>
      Object.values(models).map((row) => ({ ...row, api: row.api ?? api })),
    ),
  );
}

/** The table of genai-prices: the literal at the start of its bundle. */
function genaiProviders(folder) {
  const text = readFileSync(join(folder, "genai-prices/package/dist/index.js"), "utf8");
  const literal = /^const \w+ = (\[\n[\s\S]*?\n\])/.exec(text);
  if (!literal) throw new Error("genai-prices no longer begins with its table");
  return JSON.parse(vm.runInNewContext(`JSON.stringify(${literal[1]})`, {}, { timeout: 10_000 }));
}

export function readSources(folder) {
  return {
    pi: piRows(folder),
    mastra: json(join(folder, "mastra/package/dist/provider-registry.json")).providers,
    genai: genaiProviders(folder),
  };
}
