#!/usr/bin/env python3
"""The pages that explain the gateway to programs: valid, true, and open to whoever is on this machine."""
import contextlib
import http.client
import json
import re
import sys

import openapi_spec_validator

import cases
from daemon import Daemon

PAGES = {"/docs.md": "text/markdown; charset=utf-8", "/models.md": "text/markdown; charset=utf-8",
         "/openapi.json": "application/json"}
SECRET = "sk-upstream-0123456789abcdef"

daemon = key = None


def ask(path, method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read().decode()


def page(path):
    status, fields, text = ask(path)
    assert status == 200, (path, status, text)
    assert dict(fields)["content-type"] == PAGES[path], fields
    return text


def test_pages_need_no_key():
    """each is there without a key, by GET and HEAD, and not for web pages or by POST"""
    for path, kind in PAGES.items():
        text = page(path)
        assert SECRET not in text and key not in text and len(text) > 500
        status, fields, body = ask(path, "HEAD")
        assert status == 200 and body == "" and dict(fields)["content-type"] == kind
        assert int(dict(fields)["content-length"]) == len(text.encode())
        assert ask(path, Origin="http://evil.example")[0] == 403
        assert ask(path, Host="evil.example")[0] == 403
        assert ask(path, "POST", "{}", Content_Type="application/json")[0] == 405
    assert ask("/healthz")[0] == 200
    assert "/docs.md" in ask("/nothing/here")[2]


def test_openapi_is_valid_and_true():
    """the description is valid OpenAPI 3.1; each path and each way to send a key works as it says"""
    spec = json.loads(page("/openapi.json"))
    openapi_spec_validator.validate(spec, cls=openapi_spec_validator.OpenAPIV31SpecValidator)
    assert spec["servers"] == [{"url": f"http://127.0.0.1:{daemon.port}"}]
    for name in ("/v1/chat/completions", "/v1/responses", "/v1/messages",
                 "/v1beta/models/{model}:generateContent"):
        assert "post" in spec["paths"][name], name
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            status, _, text = ask(path.replace("{model}", "nobody"), method.upper(), "{}",
                                  Content_Type="application/json")
            if operation.get("security") == []:
                assert status == 200, (path, text)
                continue
            assert status == 401, (path, status, text)  # there, and asks for a key
            if method == "post":
                described = operation["responses"]["401"]["content"]["application/json"]["schema"]["$ref"]
                shape = spec["components"]["schemas"][described.rsplit("/", 1)[1]]
                assert set(json.loads(text)) == set(shape["properties"]), (path, text, shape)
    for name, scheme in spec["components"]["securitySchemes"].items():
        if scheme["type"] == "http":
            status = ask("/v1/models", Authorization=f"Bearer {key}")[0]
        elif scheme["in"] == "header":
            status = ask("/v1/models", **{scheme["name"]: key})[0]
        else:
            status = ask(f"/v1/models?{scheme['name']}={key}")[0]
        assert status == 200, name


def test_docs_name_what_is_served():
    """every path that the docs name is served"""
    text = page("/docs.md")
    assert f"http://127.0.0.1:{daemon.port}/v1" in text
    paths = re.findall(r"\| `POST ([^`]+)` ", text)
    assert len(paths) >= 15
    for path in paths:
        assert ask(path.replace("{model}", "m"), "POST", "{}", Content_Type="application/json")[0] == 401, path
    for path in re.findall(r"`GET (/[^`]+)`", text):
        assert ask(path, Authorization=f"Bearer {key}")[0] == 200, path


def test_docs_tell_the_statuses_that_come():
    """the table of refusals has the status that each dialect's callers really get"""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page("/docs.md").splitlines()
            if line.startswith("| ")]
    head = next(row for row in rows if row[:2] == ["when", "what to do"])
    told = {row[0]: dict(zip(head[2:], row[2:], strict=True)) for row in rows if len(row) == len(head)}
    chat, messages = "/v1/chat/completions", "/v1/messages"
    body = {"model": "nobody/none", "messages": [{"role": "user", "content": "x"}], "max_tokens": 5}

    def status(path, text=json.dumps(body), kind="application/json", secret=key):
        return str(ask(path, "POST", text, Content_Type=kind, Authorization=f"Bearer {secret}")[0])

    for path, dialect in ((chat, "openai-chat"), (messages, "anthropic")):
        assert told["the key is missing, wrong, expired or revoked"][dialect] == status(path, secret="sk-rk-x")
        assert told["no such model, or not for this key"][dialect] == status(path)
        assert told["not JSON, or compressed"][dialect] == status(path, kind="text/plain")
        assert told["the body cannot be used, or can never fit a limit"][dialect] == status(path, "[]")


def test_models_are_those_of_now():
    """what is added, renamed and priced shows at once, and a name stays in its cell"""
    assert "sandbox/echo" in page("/models.md")
    assert "quick" not in page("/models.md")
    daemon.control("/models/alias", {"name": "quick|`x`", "model": "sandbox/echo"})
    daemon.control("/routes/candidates", {"name": "auto", "models": ["sandbox/echo"]})
    text = page("/models.md")
    row = next(line for line in text.splitlines() if "quick" in line)
    assert r"quick\|\`x\`" in row and "alias of `sandbox/echo`" in row, row
    assert "| `auto` | `sandbox/echo` |" in text
    daemon.add_provider("openai", "https://127.0.0.1:1/v1", "openai-chat", key=SECRET)
    text = page("/models.md")
    rows = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("| `openai/")]
    assert rows, text[:2000]
    assert all(line.count("|") == 8 for line in rows)
    assert page("/models.md") == text
    daemon.control("/models/price", {"model": "sandbox/echo", "price": json.dumps({"input": 7, "output": 9})})
    assert re.search(r"\| `sandbox/echo` \|.*\| 7 \| 9 \|", page("/models.md"))


if __name__ == "__main__":
    with Daemon() as daemon:
        key = daemon.create_key("reader")
        status = cases.run("pages", cases.collect(globals()))
    sys.exit(status)
