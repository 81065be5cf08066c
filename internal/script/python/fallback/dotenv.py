"""Stands in for python-dotenv where that is not installed: files of old import it for a .env file that ww has read already."""

import io
import os
import re

_LINE = re.compile(r"""\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|([^#\r\n]*?))\s*(?:#.*)?$""")


def find_dotenv(filename=".env", raise_error_if_not_found=False, usecwd=False):
    place = os.getcwd()
    while True:
        path = os.path.join(place, filename)
        if os.path.isfile(path):
            return path
        if os.path.dirname(place) == place:
            break
        place = os.path.dirname(place)
    if raise_error_if_not_found:
        raise IOError("File not found")
    return ""


def dotenv_values(dotenv_path=None, stream=None, verbose=False, interpolate=True, encoding="utf-8"):
    values = {}
    if stream is None:
        path = dotenv_path or find_dotenv()
        if not path or not os.path.isfile(path):
            return values
        with open(path, encoding=encoding) as f:
            stream = io.StringIO(f.read())
    for line in stream:
        m = _LINE.match(line)
        if not m or line.lstrip().startswith("#"):
            continue
        name, single, double, bare = m.groups()
        if single is not None:
            values[name] = single
            continue
        value = bare if double is None else double.replace("\\n", "\n").replace('\\"', '"')
        if interpolate:
            value = re.sub(r"\$\{(\w+)\}", lambda v: os.environ.get(v.group(1), values.get(v.group(1), "")), value)
        values[name] = value
    return values


def load_dotenv(dotenv_path=None, stream=None, verbose=False, override=False, interpolate=True, encoding="utf-8"):
    values = dotenv_values(dotenv_path, stream, verbose, interpolate, encoding)
    for name, value in values.items():
        if override or name not in os.environ:
            os.environ[name] = value
    return bool(values)


def get_key(dotenv_path, key_to_get, encoding="utf-8"):
    return dotenv_values(dotenv_path, encoding=encoding).get(key_to_get)
