#!/usr/bin/env python3
"""A little object store for tests: GET and PUT on 127.0.0.1, in memory. Prints its port, ends with its standard input.

usage: object_store.py [--header 'Name: value'] [--query QUERY] [--status N]

--header, --query: what a request must bring, else it gets 401. --status: every request gets this and nothing else.
GET /.log lists the requests so far.
"""
import argparse
import http.server
import sys
import threading

parser = argparse.ArgumentParser()
parser.add_argument("--header", default="")
parser.add_argument("--query", default="")
parser.add_argument("--status", type=int, default=0)
options = parser.parse_args()
objects, log = {}, []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def allowed(self):
        name, _, value = options.header.partition(": ")
        if options.header and self.headers.get(name) != value:
            return False
        return not options.query or self.path.endswith(options.query)

    def handle_object(self, body):
        path = self.path.partition("?")[0]
        if path == "/.log":
            return self.answer(200, "\n".join(log).encode())
        log.append(f"{self.command} {path}")
        if options.status:
            return self.answer(options.status)
        if not self.allowed():
            return self.answer(401)
        if self.command == "PUT":
            status = 204 if path in objects else 201
            objects[path] = body
            return self.answer(status)
        return self.answer(200, objects[path]) if path in objects else self.answer(404)

    def do_GET(self):
        self.handle_object(b"")

    def do_PUT(self):
        self.handle_object(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
