"""Question → candidates → quotes → Answer."""
