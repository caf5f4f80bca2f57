"""The web as Quoth meets it: which addresses it visits, how it asks, and what it accepts."""
