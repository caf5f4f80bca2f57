"""Servers and the people in them, who ask, type and press."""

from dataclasses import dataclass
from typing import Any

from tests.standin import payloads
from tests.standin.gateway import Gateway
from tests.standin.ids import of_shard, snowflake
from tests.standin.ledger import Asked, Ledger
from tests.standin.payloads import Payload
from tests.standin.rules import ids_of


@dataclass
class Server:
    """A server with one channel, in which anyone may ask."""

    id: int
    channel: int
    gateway: Gateway
    ledger: Ledger

    @classmethod
    def of_shard(cls, shard: int, count: int, *, gateway: Gateway, ledger: Ledger) -> "Server":
        return cls(of_shard(shard, count), snowflake(), gateway, ledger)

    @property
    def payload(self) -> Payload:
        return payloads.guild(self.id, [self._place()])

    async def ask(self, question: str, *, person: int | None = None) -> Asked:
        """Somebody uses ``/ask``."""
        return await self.command("ask", person=person, question=question)

    async def command(self, name: str, *, person: int | None = None, **options: Any) -> Asked:
        """Somebody uses a slash command with text options."""
        given = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
        data = {"id": "1", "name": name, "type": 1, "options": given}
        return await self._interact(payloads.COMMAND, data, person)

    async def type_article(self, text: str) -> Asked:
        """Somebody types into the article option of ``/ask``."""
        typed = {"name": "article", "type": 3, "value": text, "focused": True}
        return await self._interact(
            payloads.SUGGESTION, {"id": "1", "name": "ask", "type": 1, "options": [typed]}, None
        )

    async def press(self, asked: Asked, prefix: str = "") -> Asked:
        """Somebody presses the first button of an answer whose id begins like that."""
        message = next(iter(asked.shown.values()))
        custom_id = next(i for i in ids_of(message) if i.startswith(prefix))
        data = {"custom_id": custom_id, "component_type": 2}
        return await self._interact(payloads.COMPONENT, data, None, message=message)

    async def mention(self, text: str, *, person: int | None = None) -> Asked:
        """Somebody asks in a message."""
        me = payloads.bot_user()
        return await self.write(f"<@{me['id']}> {text}", person=person, mentions=[me])

    async def write(self, text: str, *, person: int | None = None, **known: Any) -> Asked:
        """Somebody writes a message."""
        message = payloads.message(self.channel, self.id, self._someone(person), text, **known)
        asked = self.ledger.begin(Asked(message["id"], message["id"], 0, str(self.channel), acknowledged=True))
        asked.is_heard = await self.gateway.emit(self.id, "MESSAGE_CREATE", message)
        return asked

    async def _interact(self, kind: int, data: Payload, person: int | None, **known: Any) -> Asked:
        made = payloads.interaction(kind, self._place(), self._someone(person), data, **known)
        asked = self.ledger.begin(Asked(made["id"], made["token"], kind, str(self.channel)))
        asked.is_heard = await self.gateway.emit(self.id, "INTERACTION_CREATE", made)
        return asked

    def _someone(self, person: int | None) -> Payload:
        """A person; by default one who has not been here before."""
        return payloads.user(person or snowflake(), "alice")

    def _place(self) -> Payload:
        return payloads.channel(self.channel, self.id)
