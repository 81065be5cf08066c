from woodwork.interfaces.tool_interface import tool_interface

__all__ = ["tool_interface"]
