"""What `routerone run` does, until it is there."""
import json
import os


def by_hand(agent, base, key, model, home):
    """What `routerone run` gives each: (environment, command without the prompt)."""
    provider = f'{{name="routerone",base_url="{base}/v1",env_key="ROUTERONE_API_KEY"}}'
    env, words = {"ROUTERONE_API_KEY": key}, list(agent.words)
    if agent.name == "codex":
        words[1:1] = ["-c", 'model_provider="routerone"', "-c", f"model_providers.routerone={provider}",
                      "-c", f'model="{model}"', "-c", 'web_search="disabled"']
    elif agent.name == "codex-0.118":
        env |= {"OPENAI_BASE_URL": base + "/v1", "OPENAI_API_KEY": key, "CODEX_API_KEY": key}
        words[1:1] = ["-c", f'model="{model}"', "-c", 'web_search="disabled"']
    elif agent.name == "claude":
        env |= {"ANTHROPIC_BASE_URL": base, "ANTHROPIC_AUTH_TOKEN": key, "ANTHROPIC_MODEL": model,
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    elif agent.name == "gemini":
        write(home / ".gemini/settings.json", {"security": {"auth": {"selectedType": "gemini-api-key"}},
                                               "privacy": {"usageStatisticsEnabled": False}})
        env |= {"GOOGLE_GEMINI_BASE_URL": base, "GEMINI_API_KEY": key, "GEMINI_MODEL": model}
    elif agent.name == "opencode":
        write(home / ".config/opencode/opencode.json", {"provider": {"routerone": {
            "npm": "@ai-sdk/openai-compatible", "name": "routerone",
            "options": {"baseURL": base + "/v1", "apiKey": "{env:ROUTERONE_API_KEY}"},
            "models": {model: {"name": model}}}}})
        words += ["-m", "routerone/" + model]
    elif agent.name == "qwen":
        env |= {"OPENAI_BASE_URL": base + "/v1", "OPENAI_API_KEY": key, "OPENAI_MODEL": model}
        words += ["--auth-type", "openai"]
    elif agent.name == "pi":
        write(home / ".pi/agent/models.json", {"providers": {"routerone": {
            "baseUrl": base + "/v1", "api": "openai-completions", "apiKey": "ROUTERONE_API_KEY",
            "models": [{"id": model}]}}})
        words[1:1] = ["--provider", "routerone", "--model", model]
    elif agent.name == "cline":
        os.system(f"env HOME={home} PATH={agent.programs}:$PATH cline auth --provider openai --apikey {key} "
                  f"--modelid {model} --baseurl {base}/v1 >/dev/null 2>&1 </dev/null")
    return env, words


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
