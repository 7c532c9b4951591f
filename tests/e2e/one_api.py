"""What one-api and new-api do with a channel: exactly their calls, and their judgement of an answer.
Facts from their public sources: the calls of controller/channel-billing, channel-test and channel (its
model list); the judgement of monitor/manage (one-api) and service/channel with the default words and
statuses of setting/operation_setting (new-api)."""
import datetime
import decimal
import http.client
import json

TEST_TOKENS = 16
DISABLING_TYPES = {"insufficient_quota", "authentication_error", "permission_error", "forbidden"}
DISABLING_CODES = {"invalid_api_key", "account_deactivated", "billing_not_active"}
# Older releases look for the last one, too.
DISABLING_PARTS = ("credit", "balance", "quota")
DISABLING_WORDS = (
    "your credit balance is too low", "this organization has been disabled.",
    "you exceeded your current quota", "permission denied",
    "the security token included in the request is invalid", "operation not allowed",
    "your account is not authorized")


class ChannelError(Exception):
    """An answer that the relay takes for a failure of the channel."""

    def __init__(self, status, error):
        super().__init__(f"status {status}: {error}")
        self.status, self.error = status, error if isinstance(error, dict) else {"message": str(error)}

    @property
    def message(self):
        return str(self.error.get("message", ""))


def disables(failure):
    """Why this failure makes one or the other take the channel out of service; empty: it does not."""
    message = failure.message
    if failure.status == 401:
        return "status 401"
    if failure.error.get("type") in DISABLING_TYPES:
        return f"type {failure.error['type']}"
    if failure.error.get("code") in DISABLING_CODES:
        return f"code {failure.error['code']}"
    parts = [word for word in DISABLING_PARTS if word in message.lower()]
    return next(iter(parts + [word for word in DISABLING_WORDS if word in message.lower()]), "")


class Channel:
    """routerone as a channel: its address without /v1, and a key of ours."""

    def __init__(self, base, key):
        self.address, self.key = base.removeprefix("http://"), key
        self.enabled, self.why = True, ""
        self.models = []

    # -- the wire, as Go's client speaks it

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=20)
        try:
            payload = None if body is None else json.dumps(body)
            connection.putrequest(method, path, skip_accept_encoding=True)
            fields = {"User-Agent": "Go-http-client/1.1", **(headers or self.bearer()),
                      "Accept-Encoding": "gzip"}
            if payload is not None:
                fields.update({"Content-Type": "application/json", "Content-Length": str(len(payload))})
            for name, value in fields.items():
                connection.putheader(name, value)
            connection.endheaders(payload.encode() if payload is not None else None)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def bearer(self):
        return {"Authorization": f"Bearer {self.key}"}

    def read_json(self, path):
        status, body = self.call("GET", path)
        if status != 200:
            raise ChannelError(status, f"status code: {status}")
        return json.loads(body, parse_float=decimal.Decimal)

    # -- what an operator does with a channel

    def sync_models(self):
        self.models = [model["id"] for model in self.read_json("/v1/models")["data"]]
        return self.models

    def update_balance(self):
        """As for a channel of type OpenAI or Custom."""
        subscription = self.read_json("/v1/dashboard/billing/subscription")
        today = datetime.date.today()
        first = today.replace(day=1)
        if not subscription["has_payment_method"]:
            first = today - datetime.timedelta(days=100)
        usage = self.read_json(f"/v1/dashboard/billing/usage?start_date={first}&end_date={today}")
        return self.judge_balance(subscription["hard_limit_usd"] - decimal.Decimal(usage["total_usage"]) / 100)

    def update_openrouter_balance(self):
        """As for a channel of type OpenRouter."""
        credits = self.read_json("/api/v1/credits")["data"]
        return self.judge_balance(decimal.Decimal(credits["total_credits"]) - credits["total_usage"])

    def judge_balance(self, balance):
        if balance <= 0:
            self.disable("nothing is left")
        return balance

    def test(self, model, stream=False, endpoint="openai"):
        """The channel test. A failure may disable the channel, as that of any relayed request would."""
        try:
            usage = self.read_test(*self.call("POST", *self.test_request(model, stream, endpoint)), stream)
        except ChannelError as failure:
            if reason := disables(failure):
                self.disable(reason)
            raise
        return usage

    def test_request(self, model, stream, endpoint):
        turn = [{"role": "user", "content": "hi"}]
        if endpoint == "openai-response":
            return "/v1/responses", {"model": model, "input": turn, "stream": stream}
        if endpoint == "anthropic":
            return "/v1/messages", {"model": model, "max_tokens": TEST_TOKENS, "messages": turn,
                                    "stream": stream}, {"x-api-key": self.key,
                                                        "anthropic-version": "2023-06-01"}
        body = {"model": model, "stream": stream, "messages": turn, "max_tokens": TEST_TOKENS}
        if stream:
            body["stream_options"] = {"include_usage": True}
        return "/v1/chat/completions", body

    @staticmethod
    def read_test(status, body, stream):
        """The usage it tells, of the last event that has one."""
        if status != 200:
            try:
                error = json.loads(body).get("error", body.decode())
            except ValueError:
                error = body.decode(errors="replace")
            raise ChannelError(status, error)
        events = [body]
        if stream:
            events = [line[5:].strip() for line in body.splitlines() if line.startswith(b"data:")]
        values = [json.loads(one) for one in events if one not in (b"", b"[DONE]")]
        wrong = next((value["error"] for value in values if value.get("error")), None)
        if wrong is not None:
            raise ChannelError(status, wrong)
        if not values:
            raise ChannelError(status, "stream response body does not contain a valid stream event")
        told = [value.get("usage") or (value.get("response") or {}).get("usage")
                or (value.get("message") or {}).get("usage") for value in values]
        usage = [one for one in told if one]
        if not usage:
            raise ChannelError(status, "usage is nil")
        return usage[-1]

    def disable(self, why):
        self.enabled, self.why = False, why
