#!/usr/bin/env python3
"""Makes common/catalog/catalog.json out of a full catalog: every provider, so that each can be added
by its id, but only the models that the main labs and hosts serve, and their offers.
Usage: make_catalog.py FULL.json OUT.json"""
import json
import sys

PRICED = {
    "openai", "anthropic", "google", "openrouter", "deepseek", "mistral", "groq", "xai",
    "togetherai", "fireworks-ai",
}


def local(identity, name, port, doc):
    return {
        "id": identity, "name": name, "kind": "local", "base_url": f"http://127.0.0.1:{port}/v1",
        "dialect": "openai-chat", "auth": "none", "env": [], "doc": doc, "hq": None, "policy": None,
        "offers": 0, "listed_by": [],
    }


LOCAL = [
    local("llama.cpp", "llama.cpp server", 8080, "https://github.com/ggml-org/llama.cpp"),
    local("ollama", "Ollama", 11434, "https://ollama.com"),
    local("vllm", "vLLM", 8000, "https://docs.vllm.ai"),
]


def main(source, target):
    with open(source, encoding="utf-8") as file:
        full = json.load(file)
    models = []
    for model in full["models"]:
        offers = [offer for offer in model["offers"] if offer["provider"] in PRICED]
        if offers:
            models.append({**model, "offers": offers})
    providers = full["providers"] + LOCAL
    counts = {}
    for model in models:
        for offer in model["offers"]:
            counts[offer["provider"]] = counts.get(offer["provider"], 0) + 1
    providers = [{**p, "offers": counts.get(p["id"], 0)} for p in providers]
    head = {k: full[k] for k in ("schema_version", "generated", "currency", "unit", "sources")}

    def lines(rows):
        rows = sorted(rows, key=lambda row: row["id"])
        return ",\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in rows)

    with open(target, "w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ',\n"providers":[\n')
        file.write(lines(providers) + '\n],\n"models":[\n' + lines(models) + "\n]}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
