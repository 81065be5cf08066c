"""A fruit shop over HTTP, in Python's standard library: python3 server.py [PORT]"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

stock = {"apple": 12, "pear": 3}


class Shop(BaseHTTPRequestHandler):
    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urlparse(self.path)
        if url.path == "/hours":
            day = parse_qs(url.query).get("day", ["?"])[0]
            return self.reply(200, {"day": day, "open": day != "Sunday"})
        if self.headers.get("Authorization") != "Bearer let-me-in":
            return self.reply(401, {"error": "who are you?"})
        name = url.path.removeprefix("/fruits/")
        if name not in stock:
            return self.reply(404, {"error": f"no fruit is called {name}"})
        self.reply(200, {"fruit": name, "count": stock[name]})

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fruit, count = order["fruit"], int(order["count"])
        if stock.get(fruit, 0) < count:
            return self.reply(409, {"error": f"only {stock.get(fruit, 0)} of {fruit} are left"})
        stock[fruit] -= count
        self.reply(201, {"bought": count, "left": stock[fruit]})

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Shop)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
