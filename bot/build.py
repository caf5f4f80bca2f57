"""One client, put together from its parts."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.articles import article_command, articles_command, show, summarise_command, summarise_menu, topic_command
from bot.ask import ask_about_menu, ask_command, share
from bot.care import Care
from bot.client import Behaviour, Quoth, Share
from bot.commands import Sync
from bot.cooldown import Closed, Cooldown
from bot.deliver import Manner
from bot.feedback import tell, told_why, vote
from bot.heard import heard
from bot.leadership import Alone, Leadership
from bot.library.adding import pasted
from bot.library.editing import corrected, limited, remove
from bot.library.feeds import poll, show_reported
from bot.library.group import library_group
from bot.memory import Memory
from bot.privacy import forget, privacy_command
from bot.server import chosen, settings_command
from bot.settings import DiscordSettings
from bot.shards import Shards
from bot.watch import look_again, unwatch, watch_command
from bot.worker import Libraries, Worker
from retrieval import Library, StoreSettings, library_names

_HOUR = 3600.0
_FILES = StoreSettings()
_SUGGESTIONS, _SUGGESTIONS_SECONDS = 30, 5.0  # for one person; Discord asks some three times a second while they type
_CLOSED_SECONDS = 600.0  # in which a channel that turned Quoth away is left alone, or not logged again


def build_client(  # noqa: PLR0913 - each is a part that tests replace
    settings: DiscordSettings,
    *,
    home: Path,
    opener: Callable[[str], Library],
    clock: Callable[[], float] = monotonic,
    part: tuple[Shards, Leadership] | None = None,
    store: StoreSettings = _FILES,
    care: Care = Care(),  # noqa: B008 - frozen
) -> Quoth:
    """The bot; ``opener`` opens the library of a name, ``clock`` gives seconds for the pauses.

    ``part`` is for a process that is one of several; without it the bot is this process alone. ``store`` says
    where what is remembered of servers is kept. ``care`` is what it does for its home besides.
    """
    # There is no voice here, and nobody needs to be warned that its libraries are missing.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    libraries = Libraries(opener, lambda: library_names(home, store), limit=settings.open_libraries)
    worker = Worker(libraries, slots=settings.slots, queue=settings.queue, deadline=settings.deadline)
    behaviour = Behaviour(
        commands=(
            ask_command(),
            ask_about_menu(),
            summarise_command(),
            summarise_menu(),
            topic_command(),
            article_command(),
            articles_command(),
            privacy_command(),
            watch_command(),
            settings_command(),
            library_group(),
        ),
        hear=heard,
        show=show,
        deeds={
            "yes": partial(vote, is_helpful=True),
            "no": partial(vote, is_helpful=False),
            "tell": tell,
            "share": share,
            "remove": remove,
            "forget": forget,
            "unwatch": unwatch,
        },
        forms={"why": told_why, "paste": pasted, "edit": corrected, "audience": limited, "settings": chosen},
        rounds=(poll, look_again, *care.rounds),
        errands=(show_reported,),
    )
    shards, leadership = part or (Shards(), Alone())
    return Quoth(
        behaviour,
        worker=worker,
        memory=Memory(
            home,
            days=settings.questions_days,
            departed_days=settings.forget_after,
            is_steady=care.is_steady,
            store=store,
        ),
        manner=Manner(
            settings.style,
            settings.defer_after,
            questions=Cooldown(1, seconds=settings.cooldown, clock=clock),
            suggestions=Cooldown(_SUGGESTIONS, seconds=_SUGGESTIONS_SECONDS, clock=clock),
            visits_of_person=Cooldown(settings.person_visits, seconds=_HOUR, clock=clock),
            visits_of_server=Cooldown(settings.server_visits, seconds=_HOUR, clock=clock),
            closed=Closed(seconds=_CLOSED_SECONDS, clock=clock),
            mute=Closed(seconds=_CLOSED_SECONDS, clock=clock),
            hears_all=settings.message_content,
        ),
        share=Share(shards, leadership, Sync(settings.sync, record=home / "commands.json")),
    )


def point_at(settings: DiscordSettings) -> None:
    """Point discord.py at the addresses in the settings.

    The library holds them in its classes, so this is for the whole process and is done once, at its start.
    """
    Route.BASE = settings.api_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)
