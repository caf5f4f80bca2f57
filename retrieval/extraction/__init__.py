"""Bytes that strangers made → the texts in them. It runs in a process apart (``apart.py``), which may fail."""
