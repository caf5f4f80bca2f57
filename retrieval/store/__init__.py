"""Where a library is kept: what any store promises (``protocol.py``), and the one in SQLite."""
