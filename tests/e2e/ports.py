"""Ports of loopback for tests."""
import contextlib
import random
import socket

# Below those that the kernel gives to whoever asks for any: between being found free and being used, one of
# those may be somebody else's.
FIRST, BEYOND = 10_000, 32_768


def unused_port():
    """Where nothing listens."""
    while True:
        port = random.randrange(FIRST, BEYOND)
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            return port
