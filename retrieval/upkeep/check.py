"""What looking something over gives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``advice`` says what to do where it is not well."""

    name: str
    well: bool
    finding: str
    advice: str = ""
