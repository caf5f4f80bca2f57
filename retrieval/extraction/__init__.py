"""Files that strangers made → the text of their articles. Runs in a process apart (``retrieval/apart.py``)."""
