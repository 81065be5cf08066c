"""Events within one Python file. The events of the app come to the hooks and pipes that the .ww file names."""

import importlib.util
import inspect
import logging

from woodwork.types.events import *  # noqa: F401,F403
from woodwork.types.events import PayloadRegistry

log = logging.getLogger("woodwork.events")


class EventManager:
    def __init__(self):
        self.hooks, self.pipes, self.events = {}, {}, {}
        self.emitted = self.hooked = 0

    def on_hook(self, event, function):
        self.hooks.setdefault(event, []).append(function)

    def on_pipe(self, event, function):
        self.pipes.setdefault(event, []).append(function)

    def on_event(self, event, function):
        self.events.setdefault(event, []).append(function)

    on = on_event

    def off(self, event, function):
        for kind in (self.hooks, self.pipes, self.events):
            if function in kind.get(event, ()):
                kind[event].remove(function)

    async def emit(self, event, payload=None):
        payload = PayloadRegistry.create_payload(event, {} if payload is None else payload)
        self.emitted += 1
        for function in list(self.hooks.get(event, ())):
            await self._try(function, payload)
            self.hooked += 1
        for function in list(self.pipes.get(event, ())):
            result = await self._try(function, payload)
            if result is not None:
                payload = PayloadRegistry.create_payload(event, result)
        for function in list(self.events.get(event, ())):
            await self._try(function, payload)
        return payload

    def emit_sync(self, event, payload=None):
        payload = PayloadRegistry.create_payload(event, {} if payload is None else payload)
        self.emitted += 1
        for kind in (self.events, self.hooks, self.pipes):
            for function in list(kind.get(event, ())):
                if inspect.iscoroutinefunction(function):
                    continue
                try:
                    result = function(payload)
                except Exception:
                    log.exception("%s for %s", getattr(function, "__name__", function), event)
                    continue
                if kind is self.pipes and result is not None:
                    payload = PayloadRegistry.create_payload(event, result)
        return payload

    async def _try(self, function, payload):
        try:
            result = function(payload)
            return await result if inspect.isawaitable(result) else result
        except Exception:
            log.exception("%s", getattr(function, "__name__", function))
            return None

    @staticmethod
    def load_script_function(script_path, function_name):
        spec = importlib.util.spec_from_file_location("dynamic_module", script_path)
        if spec is None or spec.loader is None:
            return None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return getattr(module, function_name, None)

    def _from_config(self, config, register):
        for entry in config or ():
            path = entry.get("script_path") or entry.get("script")
            name = entry.get("function_name") or entry.get("function")
            function = self.load_script_function(path, name) if path and name else None
            if function is not None:
                register(entry.get("event"), function)

    def register_hooks_from_config(self, config):
        self._from_config(config, self.on_hook)

    def register_pipes_from_config(self, config):
        self._from_config(config, self.on_pipe)


_manager = None


def get_global_event_manager():
    global _manager
    if _manager is None:
        _manager = EventManager()
    return _manager


def set_global_event_manager(manager):
    global _manager
    _manager = manager


def create_default_emitter():
    return EventManager()


def emit(event, payload=None):
    return get_global_event_manager().emit_sync(event, payload)


def register_hook(event, function):
    get_global_event_manager().on_hook(event, function)


def register_pipe(event, function):
    get_global_event_manager().on_pipe(event, function)
