"""The stage of the SDK tours: one daemon, a key, and scripted providers behind it.

As a program it sets the stage for a tour in another language: `world.py COMMAND ..` runs the command
with the stage described as JSON in $E2E_WORLD, then looks whether a provider was sent something that
it would refuse."""
import contextlib
import json
import os
import subprocess
import sys

from daemon import Daemon
from ports import unused_port
from provider import Provider

# Served by two providers each, the first of which fails: with 503, and by being down.
FAILOVER_CHAT = "openai/gpt-5-mini"
FAILOVER_MESSAGES = "anthropic/claude-haiku-5.5"
# A chain that the user made: its first model's provider answers 503.
FALLBACK = "broken/ok"
PRICE = {"input": 2, "output": 10, "cache_read": 0.5, "cache_write": 2.5}


class World:
    def __init__(self):
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            enter = stack.enter_context
            self.box = enter(Provider(name="box", key="sk-box-1111111111111111"))
            self.abox = enter(Provider(name="abox", key="sk-abox-222222222222222", auth="x-api-key"))
            self.broken = enter(Provider(name="broken", key="sk-broken-3333333333333"))
            self.second = enter(Provider(name="second", key="sk-second-4444444444444"))
            self.broken.outage = 503
            self.providers = [self.box, self.abox, self.broken, self.second]
            self.daemon = enter(Daemon())
            self.furnish()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *what):
        return self.stack.__exit__(*what)

    def furnish(self):
        daemon = self.daemon
        openai, both = "openai-chat,openai-responses", "openai-chat,openai-responses,anthropic"
        daemon.add_provider("box", self.box.base, openai, key=self.box.key)
        daemon.add_provider("abox", self.abox.base, "anthropic", "x-api-key", self.abox.key)
        daemon.add_provider("broken", self.broken.base, openai, key=self.broken.key)
        daemon.add_provider("openai", self.broken.base, openai, key=self.broken.key, priority=1)
        daemon.add_provider("anthropic", f"http://127.0.0.1:{unused_port()}/v1", "anthropic",
                            "x-api-key", self.abox.key, priority=1)
        daemon.add_provider("openrouter", self.second.base, both, key=self.second.key, priority=2)
        daemon.control("/routes/fallback", {"model": FALLBACK, "chain": ["box/ok"]})
        daemon.control("/models/price", {"model": "box/ok", "price": json.dumps(PRICE)})
        self.base, self.key = daemon.base, daemon.create_key("tour")

    def of(self, label):
        """All requests with this x-client-request-id, at whatever provider."""
        return [record for provider in self.providers for record in provider.of(label)]

    def check(self):
        for provider in self.providers:
            provider.check()

    def view(self):
        return {"base": self.base, "key": self.key, "control": str(self.daemon.control_socket),
                "failover_chat": FAILOVER_CHAT, "failover_messages": FAILOVER_MESSAGES,
                "fallback": FALLBACK,
                "providers": {provider.name: f"http://{provider.host}" for provider in self.providers}}


def main(command):
    with World() as world:
        done = subprocess.run(command, env={**os.environ, "E2E_WORLD": json.dumps(world.view())},
                              check=False)
        world.check()
        if world.daemon.process.poll() is not None:
            raise RuntimeError(f"the daemon ended on the way:\n{world.daemon.stderr()}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
