"""What strangers send on purpose: files, pages, questions. Made here; no file of this kind is kept."""
