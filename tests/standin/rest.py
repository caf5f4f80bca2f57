"""The REST interface: what the bot says, and what it may ask."""

import json
from time import monotonic
from typing import Any

from aiohttp import web

from tests.standin import payloads
from tests.standin.ids import snowflake
from tests.standin.ledger import Asked, Ledger
from tests.standin.payloads import Payload
from tests.standin.replies import failure, json_reply
from tests.standin.rules import faults_of, faults_of_choices

FIRST_RESPONSE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0
_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _CHOICES = 4, 5, 6, 7, 8


async def body_of(request: web.Request) -> Payload:
    """What a request says; files come beside it, and only count here."""
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        return dict(json.loads(str(form["payload_json"])))
    text = await request.text()
    return dict(json.loads(text)) if text else {}


class Interactions:
    """Responses to interactions: in three seconds, once, and later edits while the token lives."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.token_seconds = TOKEN_SECONDS

    def routes(self) -> list[web.RouteDef]:
        original = "/api/webhooks/{application}/{token}/messages/@original"
        return [
            web.post("/api/interactions/{id}/{token}/callback", self._callback),
            web.get(original, self._original),
            web.patch(original, self._edit),
            web.post("/api/webhooks/{application}/{token}", self._follow_up),
        ]

    async def _callback(self, request: web.Request) -> web.Response:
        asked, body = self._ledger.asked.get(request.match_info["id"]), await body_of(request)
        if asked is None or monotonic() - asked.heard > FIRST_RESPONSE_SECONDS:
            return failure(404, 10062, "Unknown interaction")
        if asked.acknowledged:
            return failure(400, 40060, "Interaction has already been acknowledged.")
        kind, data = body["type"], body.get("data") or {}
        if kind == _CHOICES:
            asked.choices = data["choices"]
            broken = faults_of_choices(data["choices"])
        else:
            broken = faults_of(data) if kind in {_MESSAGE, _UPDATE} else []
        if broken:
            return self._malformed(request, broken)
        asked.acknowledged = True
        message = self._message(asked, data)
        if kind in {_MESSAGE, _UPDATE}:
            asked.show(message)
        about = {"id": asked.id, "type": asked.kind, "response_message_id": message["id"]}
        about |= {"response_message_loading": kind == _DEFERRED, "response_message_ephemeral": _is_private(data)}
        return json_reply({"interaction": about, "resource": {"type": kind, "message": message}})

    async def _original(self, request: web.Request) -> web.Response:
        asked = self._by_token(request)
        return asked if isinstance(asked, web.Response) else json_reply(self._message(asked, {}))

    async def _edit(self, request: web.Request) -> web.Response:
        asked, body = self._by_token(request), await body_of(request)
        if isinstance(asked, web.Response):
            return asked
        if broken := faults_of(body):
            return self._malformed(request, broken)
        message = self._message(asked, body)
        asked.show(message)
        return json_reply(message)

    async def _follow_up(self, request: web.Request) -> web.Response:
        asked, body = self._by_token(request), await body_of(request)
        if isinstance(asked, web.Response):
            return asked
        if broken := faults_of(body):
            return self._malformed(request, broken)
        message = self._message(asked, body) | {"id": str(snowflake())}
        asked.show(message)
        return json_reply(message)

    def _by_token(self, request: web.Request) -> Asked | web.Response:
        asked = self._ledger.by_token.get(request.match_info["token"])
        if asked is None or not asked.acknowledged:
            return failure(404, 10015, "Unknown Webhook")
        if monotonic() - asked.heard > self.token_seconds:
            return failure(401, 50027, "Invalid Webhook Token")
        return asked

    def _message(self, asked: Asked, data: Payload) -> Payload:
        """The message of a response; it has one id, however often it is edited."""
        number = str(int(asked.id) + 1)
        made = payloads.message(int(asked.channel), 0, payloads.bot_user(), data.get("content") or "", id=number)
        return made | {"components": data.get("components") or [], "flags": data.get("flags", 0)}

    def _malformed(self, request: web.Request, broken: list[str]) -> web.Response:
        self._ledger.problems.append(f"{request.method} {request.path}: {', '.join(broken)}")
        return failure(400, 50035, "Invalid Form Body")


class Channels:
    """Messages in channels, direct messages and threads; replies count as what the person is shown who asked."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.messages: dict[str, Payload] = {}
        self.changed_by_bot: list[Payload] = []  # answers to interactions that were changed as messages of its own
        self._by_nonce: dict[tuple[str, str], Payload] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/channels/{channel}/messages", self._create),
            web.patch("/api/channels/{channel}/messages/{message}", self._edit),
            web.post("/api/channels/{channel}/messages/{message}/threads", self._thread),
            web.post("/api/users/@me/channels", self._direct),
        ]

    def forget(self, *, most: int = 5000) -> None:
        """Forget all messages but the last, as what runs for long must."""
        _shorten(self.messages, most)
        _shorten(self._by_nonce, most)

    async def _create(self, request: web.Request) -> web.Response:
        channel, body = request.match_info["channel"], await body_of(request)
        nonce = (channel, str(body.get("nonce")))
        if body.get("enforce_nonce") and nonce in self._by_nonce:
            return json_reply(self._by_nonce[nonce])
        if broken := faults_of(body):
            self._ledger.problems.append(f"{request.method} {request.path}: {', '.join(broken)}")
            return failure(400, 50035, "Invalid Form Body")
        asked = (body.get("message_reference") or {}).get("message_id")
        made = payloads.message(int(channel), 0, payloads.bot_user(), body.get("content") or "", asked=asked)
        made |= {"components": body.get("components") or [], "flags": body.get("flags", 0)}
        self._by_nonce[nonce] = self.messages[made["id"]] = made
        self._show(made)
        return json_reply(made)

    async def _edit(self, request: web.Request) -> web.Response:
        known, body = self.messages.get(request.match_info["message"]), await body_of(request)
        if known is None and self._is_response(request.match_info["message"]):
            self.changed_by_bot.append(body)
            return json_reply(payloads.message(0, 0, payloads.bot_user(), "", id=request.match_info["message"]))
        if known is None:
            return failure(404, 10008, "Unknown Message")
        if broken := faults_of(body):
            self._ledger.problems.append(f"{request.method} {request.path}: {', '.join(broken)}")
            return failure(400, 50035, "Invalid Form Body")
        known |= {"content": body.get("content") or "", "components": body.get("components") or []}
        self._show(known)
        return json_reply(known)

    async def _thread(self, request: web.Request) -> web.Response:
        message, parent = int(request.match_info["message"]), int(request.match_info["channel"])
        return json_reply(payloads.channel(message, 0, kind=payloads.THREAD, parent=parent))

    async def _direct(self, request: web.Request) -> web.Response:
        who = payloads.user(int((await body_of(request))["recipient_id"]), "alice")
        return json_reply({"id": str(snowflake()), "type": 1, "recipients": [who], "last_message_id": None})

    def _is_response(self, message: str) -> bool:
        return any(int(message) == int(one.id) + 1 for one in self._ledger.asked.values())

    def _show(self, message: Payload) -> None:
        asked = self._ledger.asked.get(str(message.get("asked")))
        if asked is not None:
            asked.show(message)


class Application:
    """Who the bot is, what its commands are, and how many sessions it may begin."""

    def __init__(self, gateway_address: Any, starts: Any) -> None:
        self._address, self._starts = gateway_address, starts
        self.commands: list[Payload] = []
        self.syncs = 0

    def routes(self) -> list[web.RouteDef]:
        commands = "/api/applications/{application}/commands"
        return [
            web.get("/api/users/@me", self._me),
            web.get("/api/oauth2/applications/@me", self._about),
            web.get("/api/applications/@me", self._about),
            web.get("/api/gateway/bot", self._gateway),
            web.get(commands, self._list),
            web.put(commands, self._sync),
        ]

    async def _me(self, _request: web.Request) -> web.Response:
        return json_reply(payloads.bot_user())

    async def _about(self, _request: web.Request) -> web.Response:
        return json_reply(payloads.application())

    async def _gateway(self, _request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": max(0, self._starts()), "reset_after": 3_600_000, "max_concurrency": 1}
        return json_reply({"url": self._address(), "shards": 1, "session_start_limit": limit})

    async def _list(self, _request: web.Request) -> web.Response:
        return json_reply(self.commands)

    async def _sync(self, request: web.Request) -> web.Response:
        self.syncs += 1
        about = {"application_id": str(payloads.APPLICATION), "version": "1", "default_member_permissions": None}
        sent = json.loads(await request.text())
        self.commands = [{"type": 1, "description": ""} | c | about | {"id": str(snowflake())} for c in sent]
        return json_reply(self.commands)


def _is_private(data: Payload) -> bool:
    return bool(data.get("flags", 0) & 64)


def _shorten(kept: dict[Any, Payload], most: int) -> None:
    for key in list(kept)[: max(0, len(kept) - most)]:
        del kept[key]
