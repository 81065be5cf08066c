"""Hooks hear of events and cannot delay them. This file has a tool too: both see the same module, so they count together."""

from woodwork.types import ToolCallPayload

calls = 0


def audit(payload):
    global calls
    if isinstance(payload, ToolCallPayload):
        calls += 1
        print("a call of", payload.tool, payload.args)
    else:
        print("an answer of", len(payload.data["response"]), "characters")


def open_drawer(number: int) -> str:
    """Says what is in a drawer."""
    return {1: "a pen", 2: "the code 1234-5678"}.get(number, "nothing")


def audited() -> int:
    """How many calls were audited."""
    return calls
