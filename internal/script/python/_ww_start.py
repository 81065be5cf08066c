"""Starts the worker. It is a file of its own so that the worker is a module, which Python keeps compiled."""

import importlib._bootstrap_external as imports
import os
import sys
import threading


def keep_apart(place):
    """Compiled files of the project, and ours, go to place and not beside their sources; all others stay where they are, for
    the library of Python and what is installed has them already."""
    usual, lock = imports.cache_from_source, threading.Lock()
    ours, project = os.path.dirname(os.path.abspath(__file__)) + os.sep, os.getcwd() + os.sep

    def cache_from_source(path, *more, **named):
        full = os.path.abspath(path)
        if not full.startswith(ours) and (not full.startswith(project) or "site-packages" in full):
            return usual(path, *more, **named)
        with lock:
            before, sys.pycache_prefix = sys.pycache_prefix, place
            try:
                return usual(path, *more, **named)
            finally:
                sys.pycache_prefix = before

    imports.cache_from_source = cache_from_source


if __name__ == "__main__":
    keep = os.environ.pop("WW_PYCACHE", "")
    if keep and sys.pycache_prefix is None:
        try:
            keep_apart(keep)
        except AttributeError:  # another Python than we know
            sys.dont_write_bytecode = True
    import _ww_worker

    _ww_worker.main()
