"""What it answers is never the same twice, and what it does is done for good."""

import os
import random
import time

effects = os.path.join(os.path.dirname(os.path.abspath(__file__)), "effects")
calls = 0


def book(guest: str, nights: int = 1) -> dict:
    """Books a room."""
    with open(effects, "a") as f:
        f.write(f"booked {guest}\n")
    return {"guest": guest, "nights": nights, "ticket": random.randrange(10**12), "at": time.time()}


def leave(guest: str) -> str:
    """A guest leaves."""
    with open(effects, "a") as f:
        f.write(f"left {guest}\n")
    if guest == "Nobody":
        raise KeyError(guest)
    return f"{guest} left at {time.time_ns()}, with the code 1234-5678"


def counted(payload):
    global calls
    calls += 1
