"""Components for ww in Python: one file, the standard library only. Copy it beside your component.

    from ww_component import Component

    app = Component("weather", version="1.0")

    @app.tool
    def forecast(city: str, days: int = 1) -> str:
        "What the weather will be."
        return f"{city}: sun for {days} days"

    @app.process
    def process(turn):
        return turn.call("llm", "Say it friendly: " + turn.data)

    app.run()

In main.ww:  weather = custom process { command: ["python3", "weather.py"] }

What you print goes to the log. `ww component test -- python3 weather.py` says whether everything is as it should be.
"""

import base64
import inspect
import json
import os
import queue
import sys
import threading
import traceback
import typing

__all__ = ["Component", "Turn", "Canceled", "CallError", "Refused"]

_MOST = 1 << 20  # bytes of a message


class Canceled(Exception):
    """Nobody waits for this request any more; raised by Turn.check."""


class CallError(Exception):
    """Another component could not answer a call."""


class Refused(Exception):
    """Raise it in a function marked @app.start to refuse the start; its text is shown."""


class Turn:
    """One request: a part of a turn (role "hop"), or a call of another component (role "call")."""

    def __init__(self, app, id, params):
        self._app, self._id = app, id
        self.role = params.get("role", "hop")
        self.session = params.get("session", "")
        self.turn = params.get("turn", "")
        self.attempt = params.get("attempt", 1)
        self.sender = params.get("from", "")  # who asks, of a call
        self.key = params.get("key", "")  # of a call: the same one when it is asked again
        self.content_type = params.get("content_type", "text/plain")
        self.tool = params.get("tool", "")
        self.inputs = params.get("inputs") or {}
        self.params = params
        self.data = params.get("data")
        if params.get("encoding") == "base64":
            self.data = base64.b64decode(self.data)
        self._cancel = threading.Event()
        self.reason = ""

    @property
    def canceled(self):
        """Whether nobody waits any more. Stop when you can; what you return is dropped."""
        return self._cancel.is_set()

    def check(self):
        """Raises Canceled when nobody waits any more."""
        if self.canceled:
            raise Canceled(self.reason)

    def chunk(self, text):
        """Shows a piece of the answer to whoever watches. The answer itself must hold the whole text again."""
        self._app._send(method="chunk", params={"id": self._id, "text": str(text)})

    def call(self, component, data, full=False):
        """Asks another component and returns its answer: a str, bytes, or what JSON holds. With full: the whole result,
        which says in "fallback" whether somebody else answered. Raises CallError."""
        params = {"id": self._id, "component": component}
        params.update(_encode(data))
        result = self._app._call(params, self)
        if full:
            return result
        return base64.b64decode(result["data"]) if result.get("encoding") == "base64" else result.get("data")

    def emit(self, event, data=None):
        """Tells an event to the hooks of the app."""
        self._app._send(method="emit", params={"event": event, "session": self.session, "data": data})


class Component:
    def __init__(self, name, version="", description="", max_concurrent=1, side_effects=False, capabilities=(),
                 input_events=None, output_events=None):
        self._ready = {"name": name, "version": version, "max_concurrent": max_concurrent, "side_effects": side_effects,
                       "capabilities": [*capabilities, "ping"]}
        if description:
            self._ready["description"] = description
        if input_events is not None:
            self._ready["input_events"] = list(input_events)
        if output_events is not None:
            self._ready["output_events"] = list(output_events)
        self.config = {}  # what main.ww says in config, once it has started
        self.dir = os.getcwd()  # of main.ww
        self._tools, self._process, self._start, self._stop, self._lifecycle = {}, None, None, None, None
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)  # whatever prints from here on prints into the log, also code in other languages
        sys.stdout = sys.stderr
        self._lock = threading.Lock()  # of everything below, and of stdout
        self._turns, self._calls, self._next = {}, {}, 0
        self._work = queue.Queue()

    # What you mark your functions with.

    def process(self, f):
        """Does the work of a turn, and of calls that are for no tool: f(turn) returns a str, bytes, None or what JSON holds."""
        self._process = f
        return f

    def tool(self, f=None, *, name=None, description=None, schema=None):
        """A function that agents can call. Its parameters and their annotations become the schema; a parameter called
        `turn` gets the request itself."""
        def mark(f):
            self._tools[name or f.__name__] = f, {
                "name": name or f.__name__, "description": description or inspect.getdoc(f) or "", "inputSchema": schema or _schema(f)}
            return f
        return mark(f) if f else mark

    def start(self, f):
        """f(config) runs once, before the component is ready."""
        self._start = f
        return f

    def stop(self, f):
        """f() runs once, at the end."""
        self._stop = f
        return f

    def lifecycle(self, f):
        """f(old, new) hears of the states of the component."""
        self._lifecycle = f
        return f

    def log(self, message, level="info", **fields):
        self._send(method="log", params={"level": level, "message": str(message), **({"fields": fields} if fields else {})})

    def emit(self, event, data=None, session=""):
        """Tells an event that belongs to no turn to the hooks of the app."""
        self._send(method="emit", params={"event": event, "session": session, "data": data})

    # The protocol.

    def run(self):
        """Serves until ww says that it is enough."""
        for _ in range(max(1, self._ready["max_concurrent"])):
            threading.Thread(target=self._worker, daemon=True).start()
        try:
            while True:
                line = sys.stdin.buffer.readline()
                if not line or not self._take(line):
                    break
        except KeyboardInterrupt:
            pass
        if self._stop:
            self._stop()
        sys.stderr.flush()
        os._exit(0)  # threads that still work do not hold it up

    def _send(self, **message):
        line = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False, default=str).encode("utf-8", "replace")
        if len(line) > _MOST and "id" in message and "method" not in message:
            line = json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": {
                "code": 1, "message": f"the answer has {len(line)} bytes, a message has at most {_MOST}"}}).encode()
        with self._lock:
            data = line + b"\n"
            while data:
                data = data[self._out.write(data):]

    def _take(self, line):
        try:
            m = json.loads(line)
        except ValueError:
            print("not a message:", line[:80], file=sys.stderr)
            return True
        method, params = m.get("method"), m.get("params") or {}
        if method is None:
            with self._lock:
                waiting = self._calls.pop(m.get("id"), None)
            if waiting:
                waiting.put(m)
        elif method == "initialize":
            return self._initialize(m["id"], params)
        elif method == "process":
            turn = Turn(self, m["id"], params)
            with self._lock:
                self._turns[m["id"]] = turn
            self._work.put(turn)
        elif method == "cancel":
            with self._lock:
                turn = self._turns.get(params.get("id"))
            if turn:
                turn.reason = params.get("reason", "")
                turn._cancel.set()
        elif method == "ping":
            self._send(id=m["id"], result={})
        elif method == "lifecycle":
            if self._lifecycle:
                self._guard(self._lifecycle, params.get("old"), params.get("new"))
        elif method == "shutdown":
            return False
        elif "id" in m:
            self._send(id=m["id"], error={"code": -32601, "message": f"no method is called {method!r}"})
        return True

    def _guard(self, f, *args):
        try:
            f(*args)
        except Exception:
            traceback.print_exc()

    def _initialize(self, id, params):
        self.config = params.get("config") or {}
        self.dir = (params.get("app") or {}).get("dir") or self.dir
        try:
            if self._start:
                self._start(self.config)
        except Exception as e:
            if not isinstance(e, Refused):
                traceback.print_exc()
            self._send(id=id, error={"code": 1, "message": _words(e)})
            return True
        self._send(id=id, result={})
        ready = dict(self._ready)
        if self._tools:
            ready["tools"] = [description for _, description in self._tools.values()]
        self._send(method="ready", params=ready)
        return True

    def _worker(self):
        while True:
            turn = self._work.get()
            try:
                answer = {"result": _result(self._do(turn))}
            except BaseException as e:  # also sys.exit(): one request does not end the component
                if not isinstance(e, (Canceled, CallError)):
                    traceback.print_exc()
                answer = {"error": {"code": 1, "message": _words(e)}}
            with self._lock:
                self._turns.pop(turn._id, None)
            try:
                self._send(id=turn._id, **answer)
            except OSError:
                os._exit(1)  # nobody listens

    def _do(self, turn):
        if turn.tool:
            if turn.tool not in self._tools:
                raise LookupError(f"there is no tool {turn.tool!r}")
            f, _ = self._tools[turn.tool]
            inputs = dict(turn.inputs)
            if "turn" in inspect.signature(f).parameters:
                inputs["turn"] = turn
            return f(**inputs)
        if self._process is None:
            raise LookupError("this component has tools only; it is no part of a chain")
        return self._process(turn)

    def _call(self, params, turn):
        answer = queue.Queue()
        with self._lock:
            self._next += 1
            id = f"c{self._next}"
            self._calls[id] = answer
        self._send(id=id, method="call", params=params)
        while True:
            try:
                m = answer.get(timeout=0.2)
                break
            except queue.Empty:
                if turn.canceled:
                    with self._lock:
                        self._calls.pop(id, None)
                    raise Canceled(turn.reason) from None
        if m.get("error") is not None:
            e = m["error"]
            raise CallError(e.get("message", "") if isinstance(e, dict) else str(e))
        return m.get("result") or {}


def _words(e):
    if isinstance(e, (Refused, CallError, Canceled)):
        return str(e) or type(e).__name__
    return f"{type(e).__name__}: {e}"


def _encode(data):
    if isinstance(data, (bytes, bytearray)):
        return {"content_type": "application/octet-stream", "encoding": "base64", "data": base64.b64encode(data).decode()}
    return {"data": data}


def _result(data):
    if data is None or isinstance(data, str):
        return data
    return _encode(data)


_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object", tuple: "array"}


def _schema(f):
    """The JSON Schema of a function's parameters."""
    try:
        hints = typing.get_type_hints(f)
    except Exception:
        hints = {}
    properties, required = {}, []
    for name, p in inspect.signature(f).parameters.items():
        if name == "turn" or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        hint = hints.get(name)
        properties[name] = _type(hint)
        if p.default is p.empty:
            required.append(name)
        elif p.default is not None:
            properties[name]["default"] = p.default
    return {"type": "object", "properties": properties, "required": required}


def _type(hint):
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    known = [a for a in args if a is not type(None)]
    if len(known) == 1 and len(args) == 2 and origin not in _TYPES:  # Optional
        return _type(known[0])
    if (origin or hint) in _TYPES:
        schema = {"type": _TYPES[origin or hint]}
        if schema["type"] == "array" and known:
            schema["items"] = _type(known[0])
        return schema
    if origin is typing.Literal:
        return {"enum": list(args)}
    return {}
