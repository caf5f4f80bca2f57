"""HTTP answers as Discord gives them."""

import json
from collections.abc import Mapping

from aiohttp import web


def json_reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    # The client library knows JSON by this exact type.
    kind = {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers={**kind, **(headers or {})})


def failure(status: int, code: int, text: str) -> web.Response:
    """An error with Discord's own code."""
    return json_reply({"message": text, "code": code}, status)
