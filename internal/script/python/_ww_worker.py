"""Runs the functions, hooks and pipes of one Python file for ww.

The protocol is JSON-RPC, a message a line, on descriptors 3 (in) and 4 (out). Descriptor 0 is empty, 1 and 2 are log.
Standard library only, Python 3.8 and later.
"""

import ast
import collections
import dataclasses
import enum
import importlib
import importlib.util
import inspect
import json
import os
import queue
import sys
import threading
import time
import traceback
import typing

MOST = 1000 * 1000  # bytes of one result: a message of the bus holds a little more

FAILURE = "text/x-ww-failure"
TEXT = "text/plain"
JSON = "application/json"

# Where the name to install is not the name to import.
PACKAGES = {
    "bs4": "beautifulsoup4", "cv2": "opencv-python", "dateutil": "python-dateutil", "dotenv": "python-dotenv",
    "fitz": "PyMuPDF", "git": "GitPython", "googleapiclient": "google-api-python-client", "jwt": "PyJWT",
    "PIL": "pillow", "serial": "pyserial", "sklearn": "scikit-learn", "skimage": "scikit-image", "yaml": "PyYAML",
}


class Stopped(BaseException):
    """Raised in a function that was given up."""


# ---- the wire -------------------------------------------------------------------------------------------------------

_out_lock = threading.Lock()
_out = None


def send(message):
    message["jsonrpc"] = "2.0"
    line = json.dumps(message, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass") + b"\n"
    with _out_lock:
        _out.write(line)
        _out.flush()


def note(text):
    send({"method": "log", "params": {"level": "warning", "message": text}})


noted = set()


def note_once(text):
    """What stays as it is until the file is saved, and this process with it replaced."""
    if text not in noted:
        noted.add(text)
        note(text)


# ---- lanes: what has one key runs one after the other, different keys at once ---------------------------------------


class Lanes:
    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = {}
        self.idle = []
        self.home = queue.SimpleQueue()  # of the main thread, in which the file was loaded
        self.home_keys = set()  # the lines that it works on
        self.owed = 0  # answers that it has not given yet

    def put(self, key, job):
        with self.lock:
            line = self.waiting.get(key)
            if line is not None:
                job.home = key in self.home_keys
                self.owed += job.home
                line.append(job)
                return
            self.waiting[key] = collections.deque()
            if self.owed == 0 and key.startswith("call "):  # some things of Python work in the main thread only: signal.alarm
                self.home_keys.add(key)
                job.home, self.owed, box = True, 1, self.home
            else:
                box = self.idle.pop() if self.idle else None
        if box is None:
            box = queue.SimpleQueue()
            threading.Thread(target=self.work, args=(box,), daemon=True).start()
        box.put((key, job))

    def done(self, job):
        """The job is as good as over: what comes next need not look for another thread."""
        with self.lock:
            self.owed -= job.home
            job.home = False

    def work(self, box):
        while True:
            key, job = box.get()
            while job is not None:
                job.run()
                with self.lock:
                    line = self.waiting[key]
                    if line:
                        job = line.popleft()
                    else:
                        job = None
                        del self.waiting[key]
                        self.home_keys.discard(key)
                        if box is not self.home:
                            self.idle.append(box)


class Job:
    def __init__(self, number, work, after=None):
        self.number = number
        self.work = work
        self.after = after
        self.lock = threading.Lock()
        self.thread = None
        self.answered = False
        self.over = False
        self.home = False  # whether the main thread does it
        self.since = self.cpu = 0.0

    def run(self):
        try:
            self.do()
        finally:
            lanes.done(self)
            if self.after is not None:
                self.after()

    def do(self):
        with self.lock:
            if self.over:
                return
            self.thread = threading.get_ident()
            self.since, self.cpu = time.monotonic(), cpu_of(self.thread)
        content_type, data = FAILURE, "it was stopped"
        try:
            try:
                content_type, data = self.work()
            finally:
                with self.lock:
                    self.over = True
        except Stopped:
            pass
        except BaseException as e:  # a bug of ours must not take the lane with it
            content_type, data = FAILURE, describe_error(e)
        try:
            lanes.done(self)
            self.answer({"content_type": content_type, "data": data})
        except Stopped:
            pass
        jobs.pop(self.number, None)

    def answer(self, result=None, error=None):
        with self.lock:
            if self.answered:
                return
            self.answered = True
        send({"id": self.number, "error": error} if error else {"id": self.number, "result": result})

    def stop(self):
        """Says where the work is, and raises Stopped in it."""
        with self.lock:
            running = self.thread is not None and not self.over
            if self.thread is None:
                self.over = True
                jobs.pop(self.number, None)
        if not running:
            self.answer(error={"code": -32000, "message": "it waited for its turn behind another call of its session"})
            return
        where = place_of(self.thread)
        took, used = time.monotonic() - self.since, cpu_of(self.thread) - self.cpu
        why = "it waited for something"
        if used > took / 10:  # the machine may be busy; what waits uses nothing
            why = "it used the CPU all the time, as an endless loop does"
        self.answer(error={"code": -32000, "message": f"it was still at {where}; {why}"})
        import ctypes
        with self.lock:
            if not self.over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), ctypes.py_object(Stopped))


jobs = {}
lanes = Lanes()

# What hooks were told before a call of their session they have usually heard before it runs. They cannot hold it up: it
# waits for them no longer than this.
MOMENT = 0.02
hooks_lock = threading.Condition()
hooks_open = collections.Counter()


def hooks_heard(session):
    with hooks_lock:
        if hooks_open[session] > 0:
            hooks_lock.wait_for(lambda: hooks_open[session] <= 0, MOMENT)


def hook_over(session):
    with hooks_lock:
        hooks_open[session] -= 1
        if hooks_open[session] <= 0:
            del hooks_open[session]
            hooks_lock.notify_all()


def cpu_of(thread):
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    except (AttributeError, OSError):
        return 0.0


def place_of(thread):
    """The innermost line of the user's own code."""
    frame = awaited(tasks.get(thread)) or sys._current_frames().get(thread)
    best = None
    while frame is not None:
        name = frame.f_code.co_filename
        if best is None and name != __file__ and not name.startswith("<frozen"):
            best = frame
        if in_project(name):
            best = frame
            break
        frame = frame.f_back
    if best is None:
        return "its beginning"
    return f"{shown(best.f_code.co_filename)}, line {best.f_lineno}, in {best.f_code.co_name}"


def awaited(task):
    """The innermost frame of what a task waits in, as far as it is the user's own."""
    coroutine, best = task and task.get_coro(), None
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None and in_project(frame.f_code.co_filename):
            best = frame
        coroutine = getattr(coroutine, "cr_await", None)
    return best


def in_project(name):
    return name.startswith(root + os.sep) and "site-packages" not in name and not name.startswith(here)


def shown(name):
    if name.startswith(root + os.sep):
        return name[len(root) + 1:]
    return name


# ---- async functions ------------------------------------------------------------------------------------------------

tasks = {}  # by the thread that waits for them
_loops = {}
_loops_lock = threading.Lock()


def loop_for(kind):
    """One event loop for functions and pipes, one for hooks: a hook that blocks must not hold up a call."""
    import asyncio  # here, for it takes a third of the time in which the first call is answered
    with _loops_lock:
        loop = _loops.get(kind)
        if loop is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, daemon=True).start()
            _loops[kind] = loop
        return loop


def finish(value, kind):
    if inspect.isawaitable(value):
        import asyncio
        import concurrent.futures

        async def wait():
            tasks[thread] = asyncio.current_task()
            return await value
        thread = threading.get_ident()
        future = asyncio.run_coroutine_threadsafe(wait(), loop_for(kind))
        try:
            while True:
                try:
                    return future.result(timeout=0.2)  # in slices, so that Stopped is raised soon
                except (TimeoutError, concurrent.futures.TimeoutError):
                    if future.done():
                        raise
                except Stopped:
                    future.cancel()
                    raise
        finally:
            tasks.pop(thread, None)
    return value


# ---- the user's file ------------------------------------------------------------------------------------------------

here = os.path.dirname(os.path.abspath(__file__)) + os.sep
root = ""  # of the project
path = ""  # of the file, as it is named
module = None
problem = ""
listeners = set()


class Sqlite:
    """Connections that are made when a file is loaded are used by calls in other threads: sqlite3 allows it when it is
    asked to, and old files never had to ask."""

    @classmethod
    def find_spec(cls, name, *_):
        if name != "sqlite3":
            return None
        sys.meta_path.remove(cls)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            usual = spec.loader.exec_module

            def exec_module(fresh):
                usual(fresh)
                connect = fresh.connect

                def shared(*args, **kwargs):
                    if len(args) < 5:
                        kwargs.setdefault("check_same_thread", False)
                    return connect(*args, **kwargs)
                fresh.connect = shared
            spec.loader.exec_module = exec_module
        return spec


def load():
    global module, problem
    sys.meta_path.insert(0, Sqlite)
    full = os.path.join(root, path)
    package, top = package_of(full)
    keep_library({root, top})
    for place in (root, top):
        if place in sys.path:
            sys.path.remove(place)
        sys.path.insert(1, place)  # behind the stand-in for woodwork
    sys.path.append(here + "fallback")  # behind everything that is installed
    name = os.path.splitext(os.path.basename(path))[0]
    taken = name in sys.modules or name in getattr(sys, "stdlib_module_names", ()) or not name.isidentifier()
    if taken and not package:
        name = "ww_user_" + "".join(c if c.isalnum() else "_" for c in name)
    if package:
        name = package + "." + name
    try:
        if package:
            importlib.import_module(package)
        spec = importlib.util.spec_from_file_location(name, full)
        if spec is None or spec.loader is None:
            with open(full, encoding="utf-8") as f:
                source = f.read()
            fresh = type(sys)(name)
            fresh.__file__ = full
            sys.modules[name] = fresh
            exec(compile(source, full, "exec"), fresh.__dict__)
        else:
            fresh = importlib.util.module_from_spec(spec)
            sys.modules[name] = fresh
            spec.loader.exec_module(fresh)
        module = fresh
        loops_in_threads()
    except BaseException as e:
        sys.modules.pop(name, None)
        problem = f"{path} cannot be loaded: {describe_error(e)}"
        note(problem)
        if not isinstance(e, (SyntaxError, SystemExit, FileNotFoundError)):
            tb = e.__traceback__
            while tb is not None and not in_project(tb.tb_frame.f_code.co_filename):
                tb = tb.tb_next
            sys.stderr.write("".join(traceback.format_exception(type(e), e, tb)))
            sys.stderr.flush()


def load_seeded(seed):
    """The file with chance that begins the same on every run, as far as it comes from where most take it from."""
    import random
    random.seed(seed)
    load()
    random.seed(seed)  # whatever the file made of it
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def keep_library(places):
    """What the library of Python itself imports must be its own, also where a file of the project is called calendar.py or
    logging.py: those modules are imported before the project is on the path. A name from which a file of the project
    imports what the library does not have there means the project's."""
    library = getattr(sys, "stdlib_module_names", None)
    home = os.path.dirname(os.__file__)
    hidden, sources = set(), []
    for place in places:
        try:
            entries = os.listdir(place)
        except OSError:
            continue
        for entry in entries:
            name, ext = os.path.splitext(entry)
            if ext == ".py":
                sources.append(os.path.join(place, entry))
            elif ext or not os.path.exists(os.path.join(place, entry, "__init__.py")):
                continue
            of_library = name in library if library else os.path.exists(os.path.join(home, name + ".py")) or os.path.exists(os.path.join(home, name, "__init__.py"))
            if of_library and name not in sys.modules and name not in ("this", "antigravity"):
                hidden.add(name)
    if not hidden:
        return
    for name in hidden:
        try:
            importlib.import_module(name)
        except Exception:  # it needs something that is not installed
            pass
    for source in sources:
        for name in hidden & own_names(source):
            sys.modules.pop(name, None)


def own_names(source):
    """The modules from which a file imports what they do not have."""
    try:
        with open(source, encoding="utf-8") as f:
            nodes = list(ast.walk(ast.parse(f.read())))
    except (OSError, SyntaxError, ValueError):
        return set()
    return {
        n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.level == 0 and n.module in sys.modules
        and any(a.name != "*" and not has(sys.modules[n.module], a.name) for a in n.names)
    }


def has(of, name):
    return hasattr(of, name) or hasattr(of, "__path__") and importlib.util.find_spec(of.__name__ + "." + name) is not None


def package_of(full):
    """The package that a file with relative imports belongs to, and the folder that it is imported from. Without relative
    imports there is none: the name of a module is that of its file."""
    folder = os.path.dirname(full)
    try:
        with open(full, encoding="utf-8") as f:
            source = f.read()
        if "from ." not in source or not any(isinstance(n, ast.ImportFrom) and n.level for n in ast.walk(ast.parse(source))):
            return "", folder
    except (OSError, SyntaxError, ValueError):
        return "", folder
    names, top = [os.path.basename(folder)], os.path.dirname(folder)
    while os.path.exists(os.path.join(top, "__init__.py")) and top != os.path.dirname(top):
        names.insert(0, os.path.basename(top))
        top = os.path.dirname(top)
    if not all(n.isidentifier() for n in names) or names[0] in sys.modules:  # its folder cannot be the name of a package
        made = type(sys)("ww_user_package")
        made.__path__ = [folder]
        sys.modules[made.__name__] = made
        return made.__name__, folder
    return ".".join(names), top


def loops_in_threads():
    """Old code asks for an event loop without making one, which Python allows in one thread only."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            usual = asyncio.DefaultEventLoopPolicy

            class Everywhere(usual):
                def get_event_loop(self):
                    if self._local._loop is None:
                        self.set_event_loop(self.new_event_loop())
                    return self._local._loop

            if type(asyncio.get_event_loop_policy()) is usual:
                asyncio.set_event_loop_policy(Everywhere())
        except AttributeError:  # another Python than we know
            pass


def describe_error(e):
    if isinstance(e, SystemExit):
        return f"it called sys.exit({'' if e.code is None else repr(e.code)}); nothing ends here but the call{place(e)}"
    if isinstance(e, SyntaxError):
        return f"{type(e).__name__}: {e.msg} ({shown(e.filename or path)}, line {e.lineno})"
    if isinstance(e, FileNotFoundError) and e.filename and os.path.abspath(str(e.filename)) == os.path.join(root, path):
        return "there is no such file"
    text = f"{type(e).__name__}: {e}" if str(e) else type(e).__name__
    if isinstance(e, ModuleNotFoundError) and e.name and not e.name.startswith("woodwork"):
        text += how_to_install(e.name.split(".")[0])
    elif isinstance(e, ModuleNotFoundError) and e.name:
        text += "; ww has of the woodwork package what functions, hooks and pipes need, and runs the rest itself"
    if isinstance(e, EOFError) and "reading a line" in str(e):
        text += "; nobody types here: use ask_user, or a parameter"
    return text + place(e)


def place(e):
    last = None
    for frame in traceback.extract_tb(e.__traceback__):
        if in_project(frame.filename):
            last = frame
    return f" ({shown(last.filename)}, line {last.lineno})" if last else ""


def how_to_install(name):
    package = PACKAGES.get(name, name)
    python = sys.executable
    if importlib.util.find_spec("pip") is None:
        return f". It is not installed for {python}; install it with: uv pip install --python {python} {package}"
    return f". It is not installed for {python}; install it with: {python} -m pip install {package}"


# ---- what functions there are ---------------------------------------------------------------------------------------


def tools():
    if module is None:
        return []
    found = []
    order = {}
    try:
        with open(module.__file__, encoding="utf-8") as f:
            for i, node in enumerate(ast.parse(f.read()).body):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    order[node.name] = i
    except (OSError, SyntaxError, ValueError):
        pass
    for name, value in list(vars(module).items()):
        if name.startswith("_") or name in listeners or isinstance(value, type) or not callable(value):
            continue
        if getattr(value, "__module__", None) != module.__name__ or not hasattr(value, "__name__"):
            continue
        found.append((order.get(name, 1 << 30), name, value))
    found.sort(key=lambda f: f[:2])
    return [tool(name, value) for _, name, value in found]


def tool(name, function):
    doc = inspect.getdoc(function)
    properties, required, shown_parameters, more = {}, [], [], False
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        signature = None
    hints = hints_of(function)
    returns = "None"
    if signature is not None:
        for p in signature.parameters.values():
            if p.kind is p.VAR_KEYWORD:
                more = True
                shown_parameters.append("**" + p.name)
                continue
            if p.kind is p.VAR_POSITIONAL:
                continue
            hint = hints.get(p.name, p.annotation)
            text = f"{p.name}: {type_name(hint)}"
            properties[p.name] = schema(hint)
            if p.default is p.empty:
                required.append(p.name)
            else:
                text += f" = {p.default!r}"
                if isinstance(p.default, (str, int, float, bool)):
                    properties[p.name]["default"] = p.default
            shown_parameters.append(text)
        returns = type_name(hints.get("return", signature.return_annotation))
    parameters = {"type": "object", "properties": properties}
    if required:
        parameters["required"] = required
    if more:
        parameters["additionalProperties"] = True
    return {
        "name": name, "description": doc or "", "parameters": parameters,
        "text": f"[FUNCTION] {name}({', '.join(shown_parameters)}) -> {returns}\n[DOCUMENTATION] {doc}",
    }


def hints_of(function):
    try:
        return typing.get_type_hints(inspect.unwrap(function))
    except Exception:
        return {}


def type_name(hint):
    if hint is inspect.Parameter.empty or hint is type(None) or hint is None:
        return "None"
    if isinstance(hint, str):
        return hint
    if isinstance(hint, type) and typing.get_origin(hint) is None:
        return hint.__name__
    return str(hint).replace("typing.", "")


def is_union(origin):
    return origin is typing.Union or origin is getattr(__import__("types"), "UnionType", typing.Union)


def schema(hint):
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if is_union(origin) and origin is not None:
        options = [schema(a) for a in args if a is not type(None)]
        return options[0] if len(options) == 1 else {"anyOf": options}
    if origin is getattr(typing, "Annotated", object()):
        return schema(args[0])
    if origin is getattr(typing, "Literal", object()):
        return {"enum": list(args)}
    if hint is bool:
        return {"type": "boolean"}
    if hint is int:
        return {"type": "integer"}
    if hint is float:
        return {"type": "number"}
    if hint is str:
        return {"type": "string"}
    base = origin or hint
    if isinstance(base, type):
        if issubclass(base, enum.Enum):
            return {"enum": [m.value for m in base]}
        if issubclass(base, dict) or dataclasses.is_dataclass(base) or base.__name__ == "Mapping":
            return {"type": "object"}
        if issubclass(base, (list, tuple, set, frozenset)) or base.__name__ in ("Sequence", "Iterable"):
            return {"type": "array", "items": schema(args[0])} if args and args[0] is not Ellipsis else {"type": "array"}
    return {}


# ---- calls ----------------------------------------------------------------------------------------------------------


def converted(value, hint):
    """The value as the type that the function wants, where that is plainly meant."""
    if hint is inspect.Parameter.empty or hint is typing.Any or isinstance(hint, str):
        return value
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if is_union(origin) and origin is not None:
        if value is None and type(None) in args:
            return None
        for a in args:
            if fits(value, a):
                return converted(value, a)
        for a in args:
            if a is not type(None):
                try:
                    changed = converted(value, a)
                except (TypeError, ValueError):
                    continue
                if fits(changed, a):
                    return changed
        return value
    if origin is getattr(typing, "Annotated", object()):
        return converted(value, args[0])
    base = origin or hint
    if not isinstance(base, type):
        return value
    if isinstance(value, str) and issubclass(base, (list, dict, tuple, set)) and value.strip()[:1] in ("[", "{"):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if base is bool and isinstance(value, str) and value.strip().lower() in ("true", "false", "yes", "no", "1", "0"):
        return value.strip().lower() in ("true", "yes", "1")
    if base is int and not isinstance(value, (bool, int)):
        if isinstance(value, float) and value == int(value):
            return int(value)
        if isinstance(value, str):
            return int(value.strip())
    if base is float and isinstance(value, (int, str)) and not isinstance(value, bool):
        return float(value)
    if base is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if issubclass(base, enum.Enum) and not isinstance(value, base):
        try:
            return base(value)
        except ValueError:
            return base[value]
    if dataclasses.is_dataclass(base) and isinstance(value, dict):
        known = hints_of(base)
        return base(**{k: converted_if(v, known.get(k, typing.Any)) for k, v in value.items()})
    if isinstance(value, list) and base in (list, tuple, set, frozenset):
        if args and not (base is tuple and len(args) != 2):
            value = [converted(v, args[0]) for v in value]
        return value if base is list else base(value)
    return value


def converted_if(value, hint):
    try:
        return converted(value, hint)
    except (TypeError, ValueError, KeyError):
        return value  # whoever gets what was said may know better


def fits(value, hint):
    base = typing.get_origin(hint) or hint
    if hint is type(None):
        return value is None
    if not isinstance(base, type):
        return False
    if isinstance(value, bool):
        return base is bool
    return isinstance(value, base)


def call(name, inputs):
    if module is None:
        return FAILURE, problem
    function = getattr(module, name, None)
    if function is None or not callable(function):
        names = ", ".join(t["name"] for t in tools()) or "none"
        return FAILURE, f"there is no function {json.dumps(name)} in {path}; the functions are: {names}"
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        signature = None
    try:
        if signature is not None:
            hints = hints_of(function)
            for key, value in list(inputs.items()):
                p = signature.parameters.get(key)
                if p is not None:
                    inputs[key] = converted_if(value, hints.get(key, p.annotation))
            try:
                signature.bind(**inputs)
            except TypeError as e:
                return FAILURE, f"TypeError: {name}(): {e}; it is {name}{signature}"
        return shown_result(finish(run(function, **inputs), "calls"))
    except Stopped:
        raise
    except BaseException as e:
        log_error(name, e)
        return FAILURE, describe_error(e)


def log_error(name, e):
    if isinstance(e, SystemExit):
        return
    tb = e.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename == __file__:
        tb = tb.tb_next
    lines = traceback.format_exception(type(e), e, tb)
    sys.stderr.write("".join(lines))
    sys.stderr.flush()


def plain(value):
    """What json cannot write, as something that it can."""
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def shown_result(value):
    if isinstance(value, str):
        return TEXT, limited(value)
    if isinstance(value, (set, frozenset, bytes)) or (dataclasses.is_dataclass(value) and not isinstance(value, type)) \
            or hasattr(value, "model_dump"):
        value = plain(value)
    if value is None or isinstance(value, (bool, int, float, dict, list, tuple)):
        try:
            text = json.dumps(value, ensure_ascii=False, default=plain, allow_nan=False)
        except (TypeError, ValueError):
            return TEXT, limited(str(value))
        if too_long(text):
            return TEXT, limited(text)
        return JSON, json.loads(text)
    return TEXT, limited(str(value))


def too_long(text):
    return len(text) > MOST or len(text) > MOST / 4 and len(text.encode("utf-8", "surrogatepass")) > MOST


def limited(text):
    if not too_long(text):
        return text
    start = text[:MOST].encode("utf-8", "surrogatepass")[:MOST].decode("utf-8", "ignore")
    return f"{start}\n[cut: the result has {len(text)} characters, the first {len(start)} are shown]"


# ---- a class as a tool ----------------------------------------------------------------------------------------------

tool_lock = threading.Lock()
tool_made = None


def own_tool():
    """The one object of the first class that derives tool_interface, or that looks like it."""
    global tool_made
    if module is None:
        raise LookupError(problem)
    with tool_lock:
        if tool_made is None:
            from woodwork import tool_interface
            classes = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__]
            fitting = [c for c in classes if issubclass(c, tool_interface)] or \
                [c for c in classes if hasattr(c, "description") and callable(getattr(c, "input", None))]
            if not fitting:
                raise LookupError(f"{path} has no class that derives woodwork.tool_interface, with description and input(action, inputs)")
            tool_made = next((c for c in fitting if not inspect.isabstract(c)), fitting[0])()
        return tool_made


def describe_tool():
    try:
        said = own_tool().description
        return {"problem": "", "description": str(said() if callable(said) else said)}
    except BaseException as e:
        return {"problem": str(e) if isinstance(e, LookupError) else f"{path}: {describe_error(e)}", "description": ""}


def call_tool(action, inputs):
    try:
        return shown_result(finish(run(own_tool().input, action, inputs), "calls"))
    except Stopped:
        raise
    except LookupError as e:
        if module is None or "tool_interface" in str(e):
            return FAILURE, str(e)
        log_error(action, e)
        return FAILURE, describe_error(e)
    except BaseException as e:
        log_error(action, e)
        return FAILURE, describe_error(e)


# ---- a network -------------------------------------------------------------------------------------------------------

networks = {}
networks_lock = threading.Lock()


def own_network(name, weights):
    """The one object of a class of the file, with its weights."""
    if module is None:
        raise LookupError(problem)
    with networks_lock:
        made = networks.get((name, weights))
        if made is not None:
            return made
        import torch
        kind = getattr(module, name, None)
        if not isinstance(kind, type):
            raise LookupError(f"there is no class {name} in {path}; model_code names it as module.Class")
        full = os.path.join(root, weights)
        if not os.path.exists(full):
            raise LookupError(f"there is no file {weights}, which model_weights names")
        try:
            state = torch.load(full, map_location="cpu", weights_only=True)  # else a file of weights may run anything
        except TypeError:  # an old torch
            state = torch.load(full, map_location="cpu")
        if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
            state = state["state_dict"]
        made = kind()
        made.load_state_dict(state)
        made.eval()
        networks[(name, weights)] = made
        return made


def call_network(model, function, inputs):
    try:
        if function not in ("", "forward"):
            return FAILURE, f"a network has one function: forward; there is no {function}"
        network = own_network(model["class"], model["weights"])
        import torch
        try:
            signature = inspect.signature(network.forward)
            signature.bind(**inputs)
            args, named = [], inputs
        except TypeError as e:
            if len(inputs) != 1:
                return FAILURE, f"TypeError: forward(): {e}; it is forward{signature}"
            args, named = list(inputs.values()), {}
        with torch.no_grad():
            def run_as(dtype):
                return run(network, *[as_tensor(v, dtype) for v in args], **{k: as_tensor(v, dtype) for k, v in named.items()})
            try:
                out = run_as(None)
            except RuntimeError:  # JSON does not tell 1 from 1.0
                out = run_as(torch.get_default_dtype())
        return shown_result(as_numbers(out))
    except Stopped:
        raise
    except LookupError as e:
        if module is None or str(e).startswith("there is no"):
            return FAILURE, str(e)
        log_error("forward", e)
        return FAILURE, describe_error(e)
    except BaseException as e:
        log_error("forward", e)
        return FAILURE, describe_error(e)


def as_tensor(value, dtype):
    import torch
    if isinstance(value, (list, int, float)) and not isinstance(value, bool):
        return torch.tensor(value, dtype=dtype)
    return value


def as_numbers(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {k: as_numbers(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_numbers(v) for v in value]
    return value


# ---- hooks and pipes ------------------------------------------------------------------------------------------------


def payload_of(event, data):
    """A payload of its own: what is done to it does not change data."""
    from woodwork.types import PayloadRegistry
    return PayloadRegistry.create_payload(event, json.loads(json.dumps(data)))


def listener(name):
    if module is None:
        raise LookupError(problem)
    function = getattr(module, name, None)
    if function is None or not callable(function):
        raise LookupError(f"there is no function {name} in {path}")
    return function


def hook(event, names, data):
    for name in names:
        try:
            finish(run(listener(name), payload_of(event, data)), "hooks")
        except Stopped:
            raise
        except LookupError as e:
            if module is None or "there is no function" in str(e):
                note_once(f"hook {name} for {event}: {e}")
            else:
                log_error(name, e)
        except BaseException as e:
            note(f"hook {name} for {event}: {describe_error(e)}")
            log_error(name, e)
    return TEXT, ""


def pipe(event, names, data):
    for name in names:
        try:
            function = listener(name)
        except LookupError as e:
            return FAILURE, str(e)
        payload = payload_of(event, data)
        try:
            result = finish(run(function, payload), "calls")
        except Stopped:
            raise
        except BaseException as e:
            note(f"pipe {name} for {event}: {describe_error(e)}; the payload stays as it was")
            log_error(name, e)
            continue
        if result is None:
            result = payload  # it may have been changed in place
        changed = changed_payload(event, data, result)
        if changed is None:
            note(f"pipe {name} for {event} returned {type(result).__name__}, which is no payload of it; it stays as it was")
            continue
        data = changed
    return JSON, data


def changed_payload(event, before, result):
    """What a pipe made of a payload, as a dictionary: what it left out stays as it was. None: it is no payload."""
    from woodwork.types import PayloadRegistry
    if isinstance(result, str):
        try:
            result = json.loads(result)
        except ValueError:
            return None
    if not isinstance(result, dict):
        return None
    fields = {f.name for f in dataclasses.fields(PayloadRegistry.get_payload_type(event))}
    if "data" not in fields and not fields & set(result):
        return None
    changed = {**before, **result}
    for name in ("component_id", "component_type", "timestamp"):  # a payload made anew does not know them
        if changed.get(name) is None:
            changed[name] = before.get(name)
    return writable(PayloadRegistry.create_payload(event, changed).to_dict())


def writable(value):
    """The value as JSON can have it, or None."""
    try:
        return json.loads(json.dumps(value, default=plain, ensure_ascii=False))
    except TypeError:  # a key that is no text
        pass
    except ValueError:  # it contains itself
        return None
    try:
        return json.loads(json.dumps(text_keys(value), default=lambda v: text_keys(plain(v)), ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return None


def text_keys(value):
    if isinstance(value, dict):
        return {k if k is None or isinstance(k, (str, int, float)) else str(k): text_keys(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [text_keys(v) for v in value]
    return value


# ---- a person at the debugger ---------------------------------------------------------------------------------------

debugging = None  # the terminal, as a pair of files
debug_lock = threading.RLock()  # there is one terminal


def open_debugger(terminal):
    """Functions stop at their first line, breakpoint() stops, an exception stops where it was raised."""
    global debugging
    debugging = open(terminal, "r", encoding="utf-8"), open(terminal, "w", encoding="utf-8")
    sys.breakpointhook = lambda *_, **__: debugger().set_trace(sys._getframe(1))
    say(f"{path} is debugged here; its functions stop at their first line (help: h, go on: c, away with it: q)")


def say(text):
    debugging[1].write(f"\n(ww) {text}\n")
    debugging[1].flush()


def debugger():
    import pdb
    d = pdb.Pdb(stdin=debugging[0], stdout=debugging[1], nosigint=True)
    d.prompt = "(Pdb) "
    d.use_rawinput = False
    return d


def run(function, *args, **kwargs):
    """Calls a function, under the debugger when there is one."""
    if debugging is None or inspect.iscoroutinefunction(function):
        return function(*args, **kwargs)
    import bdb
    with debug_lock:
        say(f"{function.__name__} is called with {shortened(args, kwargs)}")
        try:
            value = debugger().runcall(function, *args, **kwargs)
            say(f"{function.__name__} returned {value!r:.200}")
            return value
        except bdb.BdbQuit:
            raise RuntimeError("the person at the debugger has left the function") from None
        except Exception as e:
            say(f"{function.__name__} raised {describe_error(e)}; this is where (q: go on)")
            d = debugger()
            d.reset()
            tb = e.__traceback__
            while tb is not None and not in_project(tb.tb_frame.f_code.co_filename):
                tb = tb.tb_next
            if tb is not None:
                d.interaction(None, tb)
            raise


def shortened(args, kwargs):
    shown_args = [repr(a) for a in args] + [f"{k}={v!r}" for k, v in kwargs.items()]
    return ", ".join(shown_args)[:300] or "nothing"


# ---- requests -------------------------------------------------------------------------------------------------------


def process(number, params):
    data = params.get("data") or {}
    op = data.get("op")
    session = params.get("session") or ""
    if op == "describe":
        send({"id": number, "result": {"content_type": JSON, "data": {"problem": problem, "tools": tools()}}})
        return
    if op == "describe_tool":
        job = Job(number, lambda: (JSON, describe_tool()))
        jobs[number] = job
        lanes.put("describe", job)
        return
    if op == "stuck":
        stuck = sum(1 for j in list(jobs.values()) if j.answered)
        send({"id": number, "result": {"content_type": JSON, "data": stuck}})
        return
    if op == "call":
        key = "call " + (session or str(number))
        job = Job(number, lambda: (hooks_heard(session), call(data["function"], data.get("inputs") or {}))[1])
    elif op == "tool":
        key = "call " + (session or str(number))
        job = Job(number, lambda: (hooks_heard(session), call_tool(data["function"], data.get("inputs") or {}))[1])
    elif op == "model":
        key = "call " + (session or str(number))
        job = Job(number, lambda: (hooks_heard(session), call_network(data["model"], data["function"], data.get("inputs") or {}))[1])
    elif op == "pipe":
        key = "call " + (session or str(number))
        job = Job(number, lambda: pipe(data["event"], data["functions"], data["payload"]))
    else:
        key = "hook " + session
        with hooks_lock:
            hooks_open[session] += 1
        job = Job(number, lambda: hook(data["event"], data["functions"], data["payload"]), lambda: hook_over(session))
    jobs[number] = job
    lanes.put(key, job)


def handle(message):
    method, number = message.get("method"), message.get("id")
    params = message.get("params") or {}
    if method == "process":
        process(number, params)
    elif method == "cancel":
        job = jobs.get(params.get("id"))
        if job is not None:
            job.stop()
    elif method == "shutdown":
        if number is not None:
            send({"id": number, "result": {}})
        return False
    elif number is not None:
        send({"id": number, "result": {}})
    return True


def main():
    global _out, root, path, listeners
    os.set_inheritable(3, False)
    os.set_inheritable(4, False)
    incoming = os.fdopen(3, "rb", buffering=1 << 16)
    _out = os.fdopen(4, "wb", buffering=1 << 16)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    sys.setswitchinterval(0.001)
    first = json.loads(incoming.readline())
    config = first["params"]
    root, path, listeners = config["root"], config["file"], set(config.get("listeners") or ())
    if config.get("terminal"):
        open_debugger(config["terminal"])
    sys.argv = [os.path.join(root, path)]
    send({"id": first["id"], "result": {}})
    if config.get("seed") is None:
        load()
    else:
        load_seeded(config["seed"])
    threading.Thread(target=listen, args=(incoming,), daemon=True).start()
    lanes.work(lanes.home)


def listen(incoming):
    send({"method": "ready", "params": {"capabilities": ["ping"], "max_concurrent": 1000}})
    for line in incoming:
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if not handle(message):
            break
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
