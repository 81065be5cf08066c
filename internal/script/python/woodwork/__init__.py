"""What Python files of a Woodwork project import, as far as functions, hooks and pipes need it. ww runs the rest."""

from woodwork.interfaces.tool_interface import tool_interface

__all__ = ["tool_interface"]


def __getattr__(name):
    if name in ("Runtime", "File", "Env", "Event"):
        raise ImportError(f"woodwork.{name} belongs to programs that are all Python; ww runs .ww files and the functions, hooks and pipes they name")
    raise AttributeError(f"module 'woodwork' has no attribute {name!r}")
