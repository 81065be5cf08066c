import re

from woodwork.types import InputReceivedPayload


def stamped(payload: InputReceivedPayload):
    payload.input = " ".join(payload.input.split()) + f" # {payload.timestamp}"
    return payload


async def discreet(payload):
    if isinstance(payload["observation"], str):
        return {**payload, "observation": re.sub(r"\d{4}-\d{4}", "****", payload["observation"])}
