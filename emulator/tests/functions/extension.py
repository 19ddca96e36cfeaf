#!/usr/bin/env python3
"""An external extension: appends the events that it gets to the file that EXTENSION_LOG names."""

import json
import os
import pathlib
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
LOG = pathlib.Path(os.environ["EXTENSION_LOG"])
NAME = pathlib.Path(__file__).name


def tell(value: object) -> None:
    with LOG.open("a") as file:
        file.write(json.dumps(value) + "\n")


class Listener(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        tell({"telemetry": json.loads(body)})
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its base's name)
        pass


def request(
    method: str, path: str, body: object = None, **headers: str
) -> tuple[dict[str, Any], dict[str, str]]:
    connection = HTTPConnection(API)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, json.dumps(body) if body else None, names)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    try:
        return json.loads(text), dict(response.headers)
    except ValueError:
        return {}, dict(response.headers)


events = ["INVOKE", "SHUTDOWN"]
told, headers = request(
    "POST", "/2020-01-01/extension/register", {"events": events}, Lambda_Extension_Name=NAME
)
tell({"registered": told})
me = headers["Lambda-Extension-Identifier"]
server = HTTPServer(("127.0.0.1", 0), Listener)
threading.Thread(target=server.serve_forever, daemon=True).start()
request(
    "PUT",
    "/2022-07-01/telemetry",
    {
        "schemaVersion": "2022-12-13",
        "types": ["platform", "function"],
        "buffering": {"timeoutMs": 25},
        "destination": {
            "protocol": "HTTP",
            "URI": f"http://sandbox.localdomain:{server.server_port}",
        },
    },
    Lambda_Extension_Identifier=me,
)
while True:
    event, _ = request("GET", "/2020-01-01/extension/event/next", Lambda_Extension_Identifier=me)
    tell(event)
    if event["eventType"] == "SHUTDOWN":
        break
