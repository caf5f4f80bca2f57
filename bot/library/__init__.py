"""``/library``: looking after the articles; for those who manage the server, or whom its settings name."""
