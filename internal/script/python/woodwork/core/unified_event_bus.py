"""The old engine's bus, within one Python file: what is emitted here is heard here."""

from woodwork.events import EventManager

_bus = None


class UnifiedEventBus(EventManager):
    def register_hook(self, event, function):
        self.on_hook(event, function)

    def register_pipe(self, event, function):
        self.on_pipe(event, function)

    def register_event(self, event, function):
        self.on_event(event, function)

    def get_stats(self):
        return {
            "events_emitted": self.emitted, "components_registered": 0, "routes_processed": 0, "hooks_executed": self.hooked,
            "components_count": 0, "routing_table_size": 0, "total_routes": 0,
            "hook_subscriptions": sum(map(len, self.hooks.values())), "pipe_subscriptions": sum(map(len, self.pipes.values())),
            "event_subscriptions": sum(map(len, self.events.values())),
        }


def get_global_event_bus():
    global _bus
    if _bus is None:
        _bus = UnifiedEventBus()
    return _bus


async def emit(event, payload=None):
    return await get_global_event_bus().emit(event, payload)
