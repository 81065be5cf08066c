from woodwork.types.data import (  # noqa: F401
    Action, Audio, Data, Image, Prompt, Stream, StreamBuffer, StreamChunk, StreamDataType, StreamMetadata, StreamStatus, Text,
    Update, Workflow, create_stream_chunk, generate_stream_id,
)
from woodwork.types.events import *  # noqa: F401,F403
