"""The payloads of events: dictionaries whose keys are attributes too, whichever way a hook was written to read them."""

import contextlib
import contextvars
import dataclasses
import functools
import json
import time
from typing import Any, Dict, Optional

__all__ = [
    "BasePayload", "GenericPayload", "InputReceivedPayload", "AgentThoughtPayload", "AgentActionPayload", "ToolCallPayload",
    "ToolObservationPayload", "AgentStepCompletePayload", "AgentErrorPayload", "UserInputRequestPayload",
    "UserInputResponsePayload", "PayloadRegistry", "EventSource", "track_events_from",
]


def payload(cls):
    return dataclasses.dataclass(init=False, repr=False, eq=False)(cls)


def own_fields(cls):
    return cls.__dataclass_fields__


@payload
class BasePayload(dict):
    timestamp: float = dataclasses.field(default_factory=time.time)
    component_id: Optional[str] = None
    component_type: Optional[str] = None

    def __init__(self, *args, **kwargs):
        fields = list(own_fields(type(self)).values())
        for field, value in zip(fields, args):
            kwargs.setdefault(field.name, value)
        unknown = [name for name in kwargs if name not in own_fields(type(self))]
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {unknown[0]!r}; its fields are: {', '.join(f.name for f in fields)}")
        for field in fields:
            if field.name in kwargs:
                value = kwargs[field.name]
            elif field.default_factory is not dataclasses.MISSING:
                value = field.default_factory()
            elif field.default is not dataclasses.MISSING:
                value = field.default
            else:
                value = None
            dict.__setitem__(self, field.name, value)
        if self.timestamp is None:
            self.timestamp = time.time()
        source = EventSource.get_current()
        if source is not None:
            if self.component_id is None:
                self.component_id = source[0]
            if self.component_type is None:
                self.component_type = source[1]

    # Attributes and items are one storage.
    def __getattribute__(self, name):
        if not name.startswith("_") and dict.__contains__(self, name) and (
            name in type(self).__dataclass_fields__ or not hasattr(dict, name)
        ):
            return dict.__getitem__(self, name)
        return super().__getattribute__(name)

    def __setattr__(self, name, value):
        self[name] = value

    def __delattr__(self, name):
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def __dict__(self):  # for vars
        return dict(self)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.items())})"

    def __hash__(self):
        return id(self)

    def copy(self):
        return type(self).from_dict(dict(self))

    __copy__ = copy

    def __reduce__(self):
        return (type(self).from_dict, (dict(self),))

    def _replace(self, **changes):
        return type(self).from_dict({**self, **changes})

    def to_dict(self):
        return dict(self)

    def to_json(self):
        return json.dumps(dict(self), default=str)

    @classmethod
    def from_dict(cls, data):
        return cls(**{k: v for k, v in data.items() if k in own_fields(cls)})

    @classmethod
    def from_json(cls, text):
        return cls.from_dict(json.loads(text))

    def validate(self):
        return []

    def is_valid(self):
        return not self.validate()


@payload
class GenericPayload(BasePayload):
    data: Dict[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_dict(cls, data):
        known = {k: v for k, v in data.items() if k in own_fields(cls)}
        more = {k: v for k, v in data.items() if k not in own_fields(cls)}
        if more:
            known["data"] = {**(known.get("data") or {}), **more}
        return cls(**known)

    # What is no field of its own is in data: to read, to write, and to ask for.
    def __setitem__(self, key, value):
        if key in own_fields(type(self)):
            dict.__setitem__(self, key, value)
        else:
            self.data[key] = value

    def __contains__(self, key):
        data = dict.get(self, "data")
        return dict.__contains__(self, key) or isinstance(data, dict) and key in data

    def __missing__(self, key):
        return dict.__getitem__(self, "data")[key]

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return dict.__getitem__(self, "data")[name]
        except (KeyError, TypeError):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}") from None

    def get(self, key, default=None):
        try:
            return self[key]
        except (KeyError, TypeError):
            return default


@payload
class InputReceivedPayload(BasePayload):
    input: str = ""
    inputs: Dict[str, Any] = dataclasses.field(default_factory=dict)
    session_id: Optional[str] = None

    def validate(self):
        return _empty(self, "input") + _no_dict(self, "inputs")


@payload
class AgentThoughtPayload(BasePayload):
    thought: str = ""

    def validate(self):
        return _empty(self, "thought")


@payload
class AgentActionPayload(BasePayload):
    action: Dict[str, Any] = dataclasses.field(default_factory=dict)

    def validate(self):
        return _empty(self, "action")


@payload
class ToolCallPayload(BasePayload):
    tool: str = ""
    args: Dict[str, Any] = dataclasses.field(default_factory=dict)

    def validate(self):
        return _empty(self, "tool") + _no_dict(self, "args")


@payload
class ToolObservationPayload(BasePayload):
    tool: str = ""
    observation: Any = ""

    def validate(self):
        return _empty(self, "tool") + ([] if isinstance(self.observation, str) else ["observation must be a string"])


@payload
class AgentStepCompletePayload(BasePayload):
    step: int = 0
    session_id: Optional[str] = None

    def validate(self):
        return ["step must not be negative"] if isinstance(self.step, int) and self.step < 0 else []


@payload
class AgentErrorPayload(BasePayload):
    error: str = ""
    error_type: str = "Unknown"
    context: Dict[str, Any] = dataclasses.field(default_factory=dict)

    def __init__(self, *args, **kwargs):
        error = kwargs.get("error")
        if isinstance(error, BaseException):
            kwargs["error"] = str(error)
            kwargs.setdefault("error_type", type(error).__name__)
        super().__init__(*args, **kwargs)

    @classmethod
    def from_exception(cls, exc, context=None, **kwargs):
        return cls(error=str(exc), error_type=type(exc).__name__, context=context or {}, **kwargs)

    def validate(self):
        return _empty(self, "error") + _no_dict(self, "context")


@payload
class UserInputRequestPayload(BasePayload):
    question: str = ""
    request_id: Optional[str] = None
    session_id: Optional[str] = None
    timeout_seconds: int = 60


@payload
class UserInputResponsePayload(BasePayload):
    response: str = ""
    request_id: Optional[str] = None
    session_id: Optional[str] = None


def _empty(p, name):
    return [] if dict.get(p, name) else [f"{name} cannot be empty"]


def _no_dict(p, name):
    return [] if isinstance(dict.get(p, name), dict) else [f"{name} must be a dictionary"]


class PayloadRegistry:
    """Which payload an event has."""

    _types = {
        "input.received": InputReceivedPayload,
        "agent.thought": AgentThoughtPayload,
        "agent.action": AgentActionPayload,
        "tool.call": ToolCallPayload,
        "tool.observation": ToolObservationPayload,
        "agent.step_complete": AgentStepCompletePayload,
        "agent.error": AgentErrorPayload,
        "user.input.request": UserInputRequestPayload,
        "user.input.response": UserInputResponsePayload,
    }

    @classmethod
    def get_payload_type(cls, event):
        return cls._types.get(event, GenericPayload)

    @classmethod
    def register(cls, event, payload_type):
        if not (isinstance(payload_type, type) and issubclass(payload_type, BasePayload)):
            raise TypeError(f"{payload_type!r} must derive from BasePayload")
        cls._types[event] = payload_type

    @classmethod
    def create_payload(cls, event, data):
        if isinstance(data, BasePayload):
            return data
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except ValueError:
                data = {"data": {"value": data}}
        if not isinstance(data, dict):
            return GenericPayload(data={} if data is None else {"value": data})
        try:
            return cls.get_payload_type(event).from_dict(data)
        except (TypeError, ValueError):
            return GenericPayload.from_dict(data)

    @classmethod
    def validate_event_data(cls, event, data):
        return cls.create_payload(event, data).validate()

    @classmethod
    def get_event_schema(cls, event):
        kind = cls.get_payload_type(event)
        return {
            "event": event,
            "payload_type": kind.__name__,
            "fields": {
                f.name: {
                    "type": getattr(f.type, "__name__", str(f.type)),
                    "required": f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING,
                }
                for f in dataclasses.fields(kind)
            },
        }


_source = contextvars.ContextVar("woodwork_event_source", default=None)


class EventSource:
    """Whose events are made at the moment."""

    @classmethod
    def set_current(cls, component_id, component_type):
        _source.set((component_id, component_type))

    @classmethod
    def get_current(cls):
        return _source.get()

    @classmethod
    def clear(cls):
        _source.set(None)

    @classmethod
    @contextlib.contextmanager
    def track_component(cls, component_id, component_type):
        token = _source.set((component_id, component_type))
        try:
            yield
        finally:
            _source.reset(token)


def track_events_from(component_id, component_type):
    def wrap(function):
        import inspect

        if inspect.iscoroutinefunction(function):
            @functools.wraps(function)
            async def tracked(*args, **kwargs):
                with EventSource.track_component(component_id, component_type):
                    return await function(*args, **kwargs)
        else:
            @functools.wraps(function)
            def tracked(*args, **kwargs):
                with EventSource.track_component(component_id, component_type):
                    return function(*args, **kwargs)
        return tracked

    return wrap
