"""Quoth's engine: articles in, quotes out. It knows nothing of Discord.

This is the only door: what is not named here may change at any time. Names are loaded when they
are first used, so that a command that needs no vectors does not pay for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrieval.cards import (
        EMPTY_LIBRARY as EMPTY_LIBRARY,
    )
    from retrieval.cards import (
        Action as Action,
    )
    from retrieval.cards import (
        Block as Block,
    )
    from retrieval.cards import (
        Card as Card,
    )
    from retrieval.cards import (
        ChooseArticle as ChooseArticle,
    )
    from retrieval.cards import (
        Entry as Entry,
    )
    from retrieval.cards import (
        OpenLink as OpenLink,
    )
    from retrieval.cards import (
        Passage as Passage,
    )
    from retrieval.cards import (
        Respond as Respond,
    )
    from retrieval.cards import (
        ShowContext as ShowContext,
    )
    from retrieval.cards import (
        Source as Source,
    )
    from retrieval.cards import (
        Summarise as Summarise,
    )
    from retrieval.cards import (
        Verify as Verify,
    )
    from retrieval.cards import (
        Words as Words,
    )
    from retrieval.cards import (
        added_card as added_card,
    )
    from retrieval.cards import (
        answer_card as answer_card,
    )
    from retrieval.cards import (
        article_card as article_card,
    )
    from retrieval.cards import (
        articles_card as articles_card,
    )
    from retrieval.cards import (
        context_card as context_card,
    )
    from retrieval.cards import (
        counted as counted,
    )
    from retrieval.cards import (
        date_words as date_words,
    )
    from retrieval.cards import (
        error_card as error_card,
    )
    from retrieval.cards import (
        guest_card as guest_card,
    )
    from retrieval.cards import (
        list_pages as list_pages,
    )
    from retrieval.cards import (
        nearest_card as nearest_card,
    )
    from retrieval.cards import (
        quotes_card as quotes_card,
    )
    from retrieval.cards import (
        source_of as source_of,
    )
    from retrieval.cards import (
        summary_card as summary_card,
    )
    from retrieval.cards import (
        topic_card as topic_card,
    )
    from retrieval.cards import (
        unexpected_card as unexpected_card,
    )
    from retrieval.cards import (
        verified_card as verified_card,
    )
    from retrieval.cards import (
        visible as visible,
    )
    from retrieval.embed import (
        Encoder as Encoder,
    )
    from retrieval.errors import (
        InvalidInput as InvalidInput,
    )
    from retrieval.errors import (
        InvalidQuestion as InvalidQuestion,
    )
    from retrieval.errors import (
        InvalidSettings as InvalidSettings,
    )
    from retrieval.errors import (
        ModelUnavailable as ModelUnavailable,
    )
    from retrieval.errors import (
        NotFound as NotFound,
    )
    from retrieval.errors import (
        QuoteMismatch as QuoteMismatch,
    )
    from retrieval.errors import (
        QuothError as QuothError,
    )
    from retrieval.errors import (
        StoreBusy as StoreBusy,
    )
    from retrieval.errors import (
        StoreDamaged as StoreDamaged,
    )
    from retrieval.errors import (
        StoreError as StoreError,
    )
    from retrieval.errors import (
        Unfetched as Unfetched,
    )
    from retrieval.errors import (
        UnreadableFile as UnreadableFile,
    )
    from retrieval.library import (
        Library as Library,
    )
    from retrieval.loaders.documents import (
        Document as Document,
    )
    from retrieval.loaders.documents import (
        Unread as Unread,
    )
    from retrieval.loaders.documents import (
        iso_date as iso_date,
    )
    from retrieval.loaders.documents import (
        web_address as web_address,
    )
    from retrieval.loaders.files import (
        load as load,
    )
    from retrieval.messages import (
        ENGLISH as ENGLISH,
    )
    from retrieval.messages import (
        Language as Language,
    )
    from retrieval.messages import (
        Message as Message,
    )
    from retrieval.messages import (
        joined as joined,
    )
    from retrieval.messages import (
        said_in as said_in,
    )
    from retrieval.messages import (
        say as say,
    )
    from retrieval.messages import (
        say_count as say_count,
    )
    from retrieval.messages import (
        with_values as with_values,
    )
    from retrieval.models import (
        PACKAGED as PACKAGED,
    )
    from retrieval.models import (
        Models as Models,
    )
    from retrieval.records import (
        Added as Added,
    )
    from retrieval.records import (
        Answer as Answer,
    )
    from retrieval.records import (
        Article as Article,
    )
    from retrieval.records import (
        Audience as Audience,
    )
    from retrieval.records import (
        Change as Change,
    )
    from retrieval.records import (
        Facts as Facts,
    )
    from retrieval.records import (
        Feed as Feed,
    )
    from retrieval.records import (
        KeyPoint as KeyPoint,
    )
    from retrieval.records import (
        Length as Length,
    )
    from retrieval.records import (
        Mark as Mark,
    )
    from retrieval.records import (
        Milliseconds as Milliseconds,
    )
    from retrieval.records import (
        Quote as Quote,
    )
    from retrieval.records import (
        Reindexed as Reindexed,
    )
    from retrieval.records import (
        Revision as Revision,
    )
    from retrieval.records import (
        Summary as Summary,
    )
    from retrieval.records import (
        SummarySentence as SummarySentence,
    )
    from retrieval.records import (
        TopicSummary as TopicSummary,
    )
    from retrieval.records import (
        Verification as Verification,
    )
    from retrieval.records import (
        Version as Version,
    )
    from retrieval.rerank import (
        BUILT_IN as BUILT_IN,
    )
    from retrieval.rerank import (
        Reading as Reading,
    )
    from retrieval.rerank import (
        Reranker as Reranker,
    )
    from retrieval.rerank import (
        reader_fingerprint as reader_fingerprint,
    )
    from retrieval.settings import (
        BackupSettings as BackupSettings,
    )
    from retrieval.settings import (
        Settings as Settings,
    )
    from retrieval.settings import (
        StoreSettings as StoreSettings,
    )
    from retrieval.settings import (
        build_settings as build_settings,
    )
    from retrieval.settings import (
        default_home as default_home,
    )
    from retrieval.settings import (
        key as key,
    )
    from retrieval.settings import (
        read_settings as read_settings,
    )
    from retrieval.settings import (
        read_tables as read_tables,
    )
    from retrieval.settings import (
        settings_file as settings_file,
    )
    from retrieval.store.choice import (
        database_lead as database_lead,
    )
    from retrieval.store.choice import (
        library_names as library_names,
    )
    from retrieval.store.choice import (
        open_ledger as open_ledger,
    )
    from retrieval.store.ledger import (
        Ledger as Ledger,
    )
    from retrieval.store.ledger import (
        ledger_problem as ledger_problem,
    )
    from retrieval.text import (
        Span as Span,
    )
    from retrieval.upkeep import (
        Check as Check,
    )
    from retrieval.upkeep import (
        Sizes as Sizes,
    )
    from retrieval.upkeep import (
        back_up_if_due as back_up_if_due,
    )
    from retrieval.upkeep import (
        drop_old as drop_old,
    )
    from retrieval.upkeep import (
        library_sizes as library_sizes,
    )
    from retrieval.upkeep import (
        look_over as look_over,
    )
    from retrieval.web.addresses import (
        is_address as is_address,
    )

_HOMES = {
    "retrieval.web.addresses": "is_address",
    "retrieval.cards": (
        "EMPTY_LIBRARY Action Block Card ChooseArticle Entry OpenLink Passage Respond ShowContext Source Summarise "
        "Verify Words added_card answer_card article_card articles_card context_card counted date_words error_card "
        "guest_card list_pages "
        "nearest_card quotes_card source_of summary_card topic_card unexpected_card verified_card visible"
    ),
    "retrieval.store.choice": "database_lead library_names open_ledger",
    "retrieval.store.ledger": "Ledger ledger_problem",
    "retrieval.upkeep": "Check Sizes back_up_if_due drop_old library_sizes look_over",
    "retrieval.errors": (
        "InvalidInput InvalidQuestion InvalidSettings ModelUnavailable NotFound QuoteMismatch QuothError "
        "StoreBusy StoreDamaged StoreError Unfetched UnreadableFile"
    ),
    "retrieval.library": "Library",
    "retrieval.loaders.documents": "Document Unread iso_date web_address",
    "retrieval.loaders.files": "load",
    "retrieval.messages": "ENGLISH Language Message joined said_in say say_count with_values",
    "retrieval.models": "PACKAGED Models",
    "retrieval.records": (
        "Added Answer Article Audience Change Facts Feed KeyPoint Length Mark Milliseconds Quote Reindexed Revision "
        "Summary SummarySentence "
        "TopicSummary Verification Version"
    ),
    "retrieval.embed": "Encoder",
    "retrieval.rerank": "BUILT_IN Reading Reranker reader_fingerprint",
    "retrieval.text": "Span",
    "retrieval.settings": (
        "BackupSettings Settings StoreSettings build_settings default_home key read_settings read_tables settings_file"
    ),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
