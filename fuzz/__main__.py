"""``python -m fuzz NAME SECONDS``: one target with atheris (libFuzzer), until something is found or the time is over.

What was found lies in ``.fuzz/found/``, what leads to new places in the code in ``.fuzz/NAME/``.
"""

import hashlib
import importlib
import sys
from pathlib import Path

_LONGEST = 20_000  # bytes of an input
_SECONDS = 20  # that one input may take
_PARSERS = ("dateutil.parser", "feedparser", "yaml")  # of others, in Python; trafilatura would take ten times as long


def main() -> None:
    import atheris

    atheris.enabled_hooks.add("str")  # what texts are held against is tried
    with atheris.instrument_imports(include=["bot", "retrieval", *_PARSERS]):
        for parser in _PARSERS:  # ours import them when they are first needed, which would be too late
            importlib.import_module(parser)
        from fuzz.seeds import seeds
        from fuzz.targets import TARGETS

    name, seconds = sys.argv[1], sys.argv[2]
    corpus, found = Path(".fuzz") / name, Path(".fuzz") / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds()[name]:
        TARGETS[name](seed)  # what is loaded at the first use takes seconds, and is no input's fault
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-max_len={_LONGEST}", f"-timeout={_SECONDS}", "-rss_limit_mb=2500"]
    told = [f"-artifact_prefix={found}/{name}-", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, *told, str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
