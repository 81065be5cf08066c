"""An MCP server in Python's standard library: one JSON-RPC message a line on stdin and stdout, logs on stderr."""
import json
import os
import sys

notes = []
TOOLS = [
    {"name": "add", "description": "Keeps a note.",
     "inputSchema": {"type": "object", "properties": {"text": {"type": "string", "description": "the note"}}, "required": ["text"]}},
    {"name": "all", "description": "All notes.", "inputSchema": {"type": "object", "properties": {}}},
]
RULES = {"uri": "notes://rules", "name": "rules", "mimeType": "text/plain"}


def text(value, failed=False):
    return {"content": [{"type": "text", "text": value}], "isError": failed}


def call(name, inputs):
    if name == "all":
        return text("\n".join(notes) or "nothing yet")
    if name == "add":
        if not inputs.get("text", "").strip():
            return text("a note needs a text", failed=True)
        notes.append(f"{os.environ.get('OWNER', 'somebody')}: {inputs['text']}")
        print("a note was taken", file=sys.stderr, flush=True)
        return text(f"{len(notes)} in all")
    return text(f"no tool is called {name}", failed=True)


def answer(method, params):
    if method == "initialize":
        return {"protocolVersion": params.get("protocolVersion", "2025-06-18"), "serverInfo": {"name": "notes", "version": "1"},
                "capabilities": {"tools": {}, "resources": {}}, "instructions": "Notes are kept until the server ends."}
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        return call(params["name"], params.get("arguments") or {})
    if method == "resources/list":
        return {"resources": [RULES]}
    if method == "resources/read":
        return {"contents": [{"uri": RULES["uri"], "mimeType": "text/plain", "text": "One thought, one note."}]}
    raise LookupError(method)


for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    reply = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        reply["result"] = answer(message["method"], message.get("params") or {})
    except LookupError:
        reply["error"] = {"code": -32601, "message": f"no method is called {message['method']}"}
    print(json.dumps(reply), flush=True)
