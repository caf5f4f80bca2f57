"""A stand-in for Discord on this machine, over real sockets: a gateway, a REST interface, people and faults.

Modelled: HELLO, heartbeats, IDENTIFY with its daily limit and its pace, RESUME with replay, Invalid Session, op 7,
close codes, shards; commands, suggestions, presses and their callbacks with the three-second rule and tokens that
expire; webhooks, channel messages with nonces, threads, direct messages; 429s, 5xx, slow and cut answers.
Not modelled: compression, permissions (a test refuses a route instead), rate limits of its own accord, members,
reactions, voice.

``ledger`` keeps who was answered and what was asked of Discord; whatever Discord would refuse is a problem there.
"""

from tests.standin.ledger import Asked
from tests.standin.people import Server
from tests.standin.server import Standin, standing_in

__all__ = ["Asked", "Server", "Standin", "standing_in"]
