import enum
import hashlib
import time
import uuid


class Data(dict):
    """A value with attributes."""

    def __init__(self, *args, **kwargs):
        if len(args) == 1 and not isinstance(args[0], dict):
            kwargs["data"] = args[0]
            args = ()
        super().__init__(*args, **kwargs)

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self[name] = value

    def __str__(self):
        return str(self["data"]) if "data" in self else dict.__repr__(self)


class Text(Data):
    pass


class Audio(Data):
    pass


class Image(Data):
    pass


class Stream(Data):
    pass


class Update(Data):
    pass


class Prompt(Data):
    pass


class Action(Data):
    pass


class Workflow(Data):
    pass


class StreamMetadata(Data):
    pass


class StreamDataType(str, enum.Enum):
    TEXT = "text"
    AUDIO = "audio"
    IMAGE = "image"
    BINARY = "binary"
    JSON = "json"


class StreamStatus(str, enum.Enum):
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StreamChunk(Data):
    pass


class StreamBuffer(Data):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.setdefault("chunks", [])

    def add_chunk(self, chunk):
        self["chunks"].append(chunk)
        return True


def generate_stream_id():
    return "stream-" + uuid.uuid4().hex[:12]


def create_stream_chunk(stream_id, chunk_index, data, data_type=StreamDataType.TEXT, is_final=False, metadata=None):
    raw = data if isinstance(data, bytes) else str(data).encode()
    return StreamChunk(
        stream_id=stream_id, chunk_index=chunk_index, data=data, data_type=data_type, is_final=is_final, chunk_size=len(raw),
        checksum=hashlib.sha256(raw).hexdigest()[:16], metadata=metadata or {}, timestamp=time.time(),
    )
