"""Fuzzing: every parser is given what no person writes (``make fuzz``). What is found becomes a test."""
