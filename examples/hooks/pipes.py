"""Pipes get an event in their turn and return what it is from then on."""

import re

from woodwork.types import InputReceivedPayload


def tidy(payload: InputReceivedPayload):
    return InputReceivedPayload(
        input=" ".join(payload.input.split()),
        inputs=payload.inputs,
        session_id=payload.session_id,
        timestamp=payload.timestamp,
        component_id=payload.component_id,
        component_type=payload.component_type,
    )


async def redact(payload):
    if isinstance(payload["observation"], str):
        return {**payload, "observation": re.sub(r"\d{4}-\d{4}", "****", payload["observation"])}
