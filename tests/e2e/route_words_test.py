#!/usr/bin/env python3
"""The words that OpenRouter's clients steer routes with: who obeys them, and what of them goes where.
One provider is known to read them, the others would refuse them as fields that they do not know."""
import contextlib
import http.client
import json
import sys

import cases
import provider_rules as rules
from daemon import Daemon
from provider import Provider

SHARED = "gpt-4o"  # of the catalog
OWN_WORDS = {"models", "provider", "route"}
rules.CHAT_FIELDS = rules.CHAT_FIELDS | OWN_WORDS  # What arrived is looked at here.


class Stage:
    def __init__(self, daemon, **providers):
        self.daemon, self.providers, self.key = daemon, providers, daemon.create_key()

    def post(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("POST", path, json.dumps(body), {
                "Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
                "anthropic-version": "2023-06-01"})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), json.loads(answer.read())

    def chat(self, **fields):
        """Who served it, and the body that got there."""
        status, headers, body = self.post("/v1/chat/completions", {
            "messages": [{"role": "user", "content": "hi"}], **fields})
        assert status == 200, (status, body)
        served = headers["x-routerone-provider"]
        return served, self.providers[served].records[-1].json()


@contextlib.contextmanager
def stage():
    with (Provider(name="openrouter") as openrouter, Provider(name="plain") as plain,
          Provider(name="other") as other, Daemon() as daemon):
        for one in (openrouter, plain, other):
            daemon.add_provider(one.name, one.base, "openai-chat")
        yield Stage(daemon, openrouter=openrouter, plain=plain, other=other)
        for one in (openrouter, plain, other):
            one.check()


@contextlib.contextmanager
def two_ways():
    """One model that two providers have at catalog prices, the first of them preferred."""
    with (Provider(name="openai") as openai, Provider(name="digitalocean") as digitalocean,
          Daemon() as daemon):
        for priority, one in enumerate((openai, digitalocean)):
            daemon.add_provider(one.name, one.base, "openai-chat", priority=priority)
        yield Stage(daemon, openai=openai, digitalocean=digitalocean)
        for one in (openai, digitalocean):
            one.check()


def words_in(body):
    return {name: body[name] for name in OWN_WORDS & set(body)}


def test_fallbacks():
    """the models are tried in their order, and no provider is told of the list"""
    with stage() as made:
        served, body = made.chat(model="plain/err-500", models=["other/err-503", "openrouter/ok"],
                                 route="fallback")
        assert (served, body["model"], words_in(body)) == ("openrouter", "ok", {}), body
        for failed in ("plain", "other"):
            assert words_in(made.providers[failed].records[-1].json()) == {}


def test_first_of_models():
    """without a model the first of the models is it, with a cap and without"""
    with stage() as made:
        for more in ({}, {"max_tokens": 9}):
            served, body = made.chat(models=["other/ok", "plain/ok"], **more)
            assert (served, body["model"], words_in(body)) == ("other", "ok", {}), body


def test_provider_goes_to_openrouter_alone():
    """what is said of providers goes on to OpenRouter and to nobody else"""
    words = {"order": ["deepinfra/turbo"], "zdr": True, "sort": "price"}
    with stage() as made:
        served, body = made.chat(model="openrouter/ok", provider=words)
        assert (served, words_in(body)) == ("openrouter", {"provider": words})
        served, body = made.chat(model="plain/ok", provider={"ignore": ["other"]})
        assert (served, words_in(body)) == ("plain", {})


def test_own_name():
    """OpenRouter is not asked for itself as a provider, but keeps what else is asked"""
    with stage() as made:
        _, body = made.chat(model="openrouter/ok", provider={"only": ["OpenRouter"], "zdr": True})
        assert body["provider"] == {"only": None, "zdr": True}, body


def test_other_programs_word():
    """a provider that is a text is another program's word, and arrives as it was sent"""
    with stage() as made:
        _, body = made.chat(model="plain/ok", provider="bing")
        assert body["provider"] == "bing"


def test_refusals():
    """a word of the wrong kind is refused by its name before anybody is asked"""
    with stage() as made:
        for field, words in (("models", {"models": "plain/ok"}),
                             ("provider.order", {"provider": {"order": "plain"}}),
                             ("provider.max_price.prompt",
                              {"provider": {"max_price": {"prompt": "cheap"}}})):
            status, _, body = made.post("/v1/chat/completions", {
                "model": "plain/ok", "messages": [{"role": "user", "content": "hi"}], **words})
            assert status == 400 and body["error"]["param"] == field, body
        assert not made.providers["plain"].records


def test_translated():
    """a translated request carries none of the words, and none is told as left out"""
    with stage() as made:
        status, headers, body = made.post("/v1/messages", {
            "model": "plain/err-500", "models": ["other/ok"], "provider": {"sort": "latency"},
            "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]})
        assert status == 200 and headers["x-routerone-provider"] == "other", body
        assert words_in(made.providers["other"].records[-1].json()) == {}
        assert not [name for name in headers if "dropped" in name.lower()], headers


def test_choice():
    """order, only and ignore choose among the providers of a model"""
    with two_ways() as made:
        def served(**provider):
            return made.chat(model=SHARED, provider=provider)[0]
        assert served(order=["digitalocean/eu", "openai"]) == "digitalocean"
        assert served(only=["DigitalOcean"]) == "digitalocean"
        assert served(ignore=["openai"]) == "digitalocean"
        made.providers["digitalocean"].outage = 500
        assert served(order=["digitalocean"]) == "openai"


def test_no_way_left():
    """where the words exclude everybody, or forbid to fall back, the caller is told"""
    with two_ways() as made:
        for words in ({"only": ["nobody"]}, {"max_price": {"prompt": 0}}):
            status, _, body = made.post("/v1/chat/completions", {
                "model": SHARED, "messages": [{"role": "user", "content": "hi"}],
                "provider": words})
            assert status == 400, (status, body)
            assert "openai" in body["error"]["message"], body
        assert not made.providers["openai"].records
        made.providers["openai"].outage = 500
        status, _, body = made.post("/v1/chat/completions", {
            "model": SHARED, "messages": [{"role": "user", "content": "hi"}],
            "provider": {"order": ["openai"], "allow_fallbacks": False}})
        assert status >= 500 and not made.providers["digitalocean"].records, (status, body)


def test_allowed_models():
    """a key gets no model through the list that it may not ask for by name"""
    with stage() as made:
        made.key = made.daemon.create_key("narrow", models=["plain/*"])
        status, _, body = made.post("/v1/chat/completions", {
            "model": "plain/err-500", "models": ["other/ok", "openrouter/ok"],
            "messages": [{"role": "user", "content": "hi"}]})
        assert status >= 400, body
        assert not made.providers["other"].records and not made.providers["openrouter"].records


if __name__ == "__main__":
    sys.exit(cases.run("route words", cases.collect(globals())))
