#!/usr/bin/env python3
"""What a key may spend and did, as tools read it from a real daemon: the same figures as the traces and
the budgets have, exact, for the calling key only, and after a restart too."""
import contextlib
import decimal
import http.client
import json
import sys

try:
    import openrouter
    import openrouter.errors
except ImportError:
    openrouter = None

import cases
from daemon import Daemon
from provider import Provider
from raw_caller import Caller

PRICE = {"input": 2, "output": 10, "cache_read": 0.5}
MODEL = "box/ok"
BILLING = "/v1/dashboard/billing"
PATHS = [f"{BILLING}/subscription", f"{BILLING}/usage", "/dashboard/billing/subscription",
         "/dashboard/billing/usage", "/api/v1/key", "/api/v1/auth/key", "/api/v1/credits",
         "/api/v1/generation?id=x"]
# What OpenRouter's own clients insist on.
KEY_FIELDS = {"label", "usage", "usage_daily", "usage_weekly", "usage_monthly", "byok_usage",
              "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly", "include_byok_in_limit",
              "is_free_tier", "is_management_key", "is_provisioning_key", "limit", "limit_remaining",
              "limit_reset", "rate_limit", "creator_user_id", "organization_id", "workspace_id", "budgets",
              "effective_budget", "allowed_data_regions", "free_model_daily_requests"}
GENERATION_FIELDS = {
    "api_type", "app_id", "cache_discount", "cancelled", "created_at", "external_user", "finish_reason",
    "generation_time", "http_referer", "id", "is_byok", "latency", "model", "moderation_latency",
    "native_finish_reason", "native_tokens_cached", "native_tokens_completion",
    "native_tokens_completion_images", "native_tokens_prompt", "native_tokens_reasoning",
    "num_input_audio_prompt", "num_media_completion", "num_media_prompt", "num_search_results", "origin",
    "provider_name", "provider_responses", "router", "streamed", "tokens_completion", "tokens_prompt",
    "total_cost", "upstream_id", "upstream_inference_cost", "usage", "user_agent", "data_region", "num_fetches", "preset_id",
    "web_search_engine", "workspace_id", "service_tier"}


class World:
    def __init__(self, stack):
        self.box = stack.enter_context(Provider(name="box", key="sk-box-1111111111111111"))
        self.daemon = stack.enter_context(Daemon())
        self.daemon.add_provider("box", self.box.base, "openai-chat", key=self.box.key)
        self.daemon.control("/models/price", {"model": MODEL, "price": json.dumps(PRICE)})
        self.names = 0

    def key(self, **limits):
        """A new key, and what it is called."""
        self.names += 1
        name = f"tool{self.names}"
        return self.daemon.create_key(name, **limits), name

    def get(self, key, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        try:
            connection.request(method, path, headers={"Authorization": f"Bearer {key}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def read(self, key, path):
        status, body = self.get(key, path)
        assert status == 200, (path, status, body)
        value = json.loads(body, parse_float=decimal.Decimal, parse_int=decimal.Decimal)
        return value.get("data", value)

    def chat(self, key, stream=False):
        """The id of a request that was served and is traced."""
        caller = Caller(self.daemon, key)
        answer = caller.ask("openai-chat", MODEL, stream)
        caller.close()
        assert answer.status == 200, answer.body
        return answer.fields["x-request-id"]

    def cost(self, trace):
        return usd(self.daemon.control("/traces/show", {"name": trace})["cost_picousd"])


world = None


def usd(picousd):
    return decimal.Decimal(picousd) / 10**12


def remaining(key):
    """What each way to ask says is left; all must say the same."""
    subscription, usage = (world.read(key, f"{BILLING}/{one}") for one in ("subscription", "usage"))
    credits, about = world.read(key, "/api/v1/credits"), world.read(key, "/api/v1/key")
    left = {subscription["hard_limit_usd"] - usage["total_usage"] / 100,
            credits["total_credits"] - credits["total_usage"], about["limit_remaining"]}
    assert len(left) == 1, left
    return left.pop()


def test_remaining():
    """every request lowers what is left by its cost, exactly, in every shape"""
    key, _ = world.key(max_spend="0.5", every="month")
    left = decimal.Decimal("0.5")
    assert remaining(key) == left
    for stream in (False, True, False):
        left -= world.cost(world.chat(key, stream))
        assert remaining(key) == left
    about = world.read(key, "/api/v1/key")
    assert about["limit"] == decimal.Decimal("0.5") and about["limit_reset"] == "monthly", about
    assert about["usage"] == about["usage_daily"] == about["usage_monthly"] == about["limit"] - left
    assert about["label"].startswith("sk-rk-"), about


def test_tightest():
    """a project's limit is told to its keys where it is tighter, and so is a prepaid wallet"""
    world.daemon.control("/projects/create", {"name": "small", "max_spend": "0.25"})
    key, _ = world.key(project="small", max_spend="9")
    other, _ = world.key(project="small")
    spent = world.cost(world.chat(other))
    assert remaining(key) == remaining(other) == decimal.Decimal("0.25") - spent
    assert world.read(key, "/api/v1/key")["usage"] == 0
    world.daemon.control("/budgets/topup", {"amount": "0.1"})
    try:
        spent = world.cost(world.chat(other))
        assert remaining(key) == remaining(other) == decimal.Decimal("0.1") - spent
        assert world.read(key, "/api/v1/credits")["total_credits"] == decimal.Decimal("0.1")
    finally:
        world.daemon.control("/budgets/clear", {"scope": "wallet", "prepaid": True})


def test_generation():
    """a past request is told by our id and by the upstream's, with every field that clients read"""
    key, _ = world.key()
    for stream in (False, True):
        trace = world.chat(key, stream)
        row = world.daemon.control("/traces/show", {"name": trace})
        told = world.read(key, f"/api/v1/generation?id={trace}")
        assert not GENERATION_FIELDS - set(told), GENERATION_FIELDS - set(told)
        assert told["id"] == trace and told["model"] == MODEL and told["provider_name"] == "box"
        assert told["total_cost"] == told["usage"] == usd(row["cost_picousd"]) > 0
        assert told["tokens_prompt"] == told["native_tokens_prompt"] == 11
        assert told["tokens_completion"] == row["output_tokens"]
        assert told["native_tokens_cached"] == row["cache_read_tokens"] == 3
        assert told["streamed"] == stream and not told["cancelled"]
        assert told["finish_reason"] == told["native_finish_reason"] == "stop"
        assert world.read(key, f"/api/v1/generation?id={row['upstream_request_id']}") == told


def test_generation_of_others():
    """no key learns of another's requests"""
    key, _ = world.key()
    stranger, _ = world.key()
    trace = world.chat(key)
    upstream = world.daemon.control("/traces/show", {"name": trace})["upstream_request_id"]
    for name in (trace, upstream, trace[:-1], "gen-1"):
        status, body = world.get(stranger, f"/api/v1/generation?id={name}")
        assert status == 404 and json.loads(body)["error"]["code"] == 404, body


def test_key_fields():
    """a key is told with every field that OpenRouter's clients insist on, limited or not"""
    for limits in ({}, {"max_spend": "1", "every": "week", "rate_limit": "90", "expires": "30d"}):
        key, _ = world.key(**limits)
        told = world.read(key, "/api/v1/key")
        assert not KEY_FIELDS - set(told), KEY_FIELDS - set(told)
        assert told["rate_limit"]["requests"] == (90 if limits else -1), told
        assert (told["limit"] is None) == (not limits) and bool(told["expires_at"]) == bool(limits)


def test_resets():
    """a limit resets at one whole second, whoever asks and however often"""
    key, name = world.key(max_spend="1", every="day", timezone="UTC")
    told = {world.read(key, "/api/v1/key")["effective_budget"]["resets_at"] for _ in range(20)}
    told.add(world.daemon.control("/budgets/show", {"name": f"key:{name}"})["resets"])
    assert len(told) == 1 and told.pop().endswith("T00:00:00.000000Z"), told


def test_client():
    """OpenRouter's own client reads key, credits and a past request, and knows what is not there"""
    if openrouter is None:
        raise cases.Skipped("the package openrouter is not installed")
    for limits in ({}, {"max_spend": "1", "every": "week", "expires": "30d", "region": "eu"}):
        key, _ = world.key(**limits)
        with openrouter.OpenRouter(api_key=key, server_url=f"{world.daemon.base}/api/v1") as client:
            about = client.api_keys.get_current_key_metadata().data
            assert about.limit == (1 if limits else None), about
            assert client.credits.get_credits().data.total_usage == 0
            if "region" in limits:
                continue
            trace = world.chat(key)
            assert client.generations.get_generation(id=trace).data.total_cost == float(world.cost(trace))
            try:
                client.generations.get_generation(id="gen-1")
            except openrouter.errors.NotFoundResponseError:
                continue
            raise AssertionError("a request that never was is there")


def test_refusals():
    """without a key of ours nothing is told; HEAD is GET without a body; nothing takes POST"""
    key, _ = world.key()
    for path in PATHS:
        for credential in ("", "sk-rk-wrong", "sk-other"):
            status, body = world.get(credential, path)
            assert status == 401 and json.loads(body)["error"]["code"] == "invalid_api_key", (path, body)
        assert world.get(key, path, "POST")[0] == 405, path
        assert world.get(key, path, Origin="http://evil.example")[0] == 403, path
        status, body = world.get(key, path, "HEAD")
        assert status == world.get(key, path)[0] and body == b"", path


def test_revoked_key():
    """a revoked key is told nothing more"""
    key, name = world.key(max_spend="1")
    assert world.get(key, "/api/v1/key")[0] == 200
    world.daemon.control("/keys/revoke", {"name": name})
    assert world.get(key, "/api/v1/key")[0] == 401


def test_restart():
    """after SIGKILL and a restart the same is left"""
    key, _ = world.key(max_spend="0.5")
    trace = world.chat(key)
    before = remaining(key)
    assert before == decimal.Decimal("0.5") - world.cost(trace)
    world.daemon.restart(kill=True)
    assert remaining(key) == before
    assert world.read(key, f"/api/v1/generation?id={trace}")["id"] == trace


def test_crowd():
    """a crowd that polls is served or told to come back, and requests go on meanwhile"""
    key, _ = world.key(max_spend="1")
    trace = world.chat(key)
    pollers = [Caller(world.daemon, key) for _ in range(100)]
    for poller in pollers:
        poller.sock.sendall(f"GET /api/v1/generation?id={trace} HTTP/1.1\r\nHost: 127.0.0.1:{poller.port}"
                            f"\r\nAuthorization: Bearer {key}\r\n\r\n".encode() * 5)
    world.chat(key)
    answers = [poller.read() for poller in pollers for _ in range(5)]
    assert {answer.status for answer in answers} <= {200, 429}, {answer.status for answer in answers}
    assert any(answer.status == 200 for answer in answers)
    for answer in answers:
        assert answer.status == 200 or answer.fields["retry-after"] == "1"


if __name__ == "__main__":
    with contextlib.ExitStack() as everything:
        world = World(everything)
        sys.exit(cases.run("account", cases.collect(globals())))
