from abc import ABC, abstractmethod


class tool_interface(ABC):
    """A tool of one's own: what it does, and doing it."""

    @property
    @abstractmethod
    def description(self):
        ...

    @abstractmethod
    def input(self, action, inputs):
        ...
