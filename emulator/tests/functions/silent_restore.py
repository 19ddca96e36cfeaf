"""A runtime of its own, which has never heard of snapshots."""

import os
from http.client import HTTPConnection

PREFIX = "/2018-06-01/runtime/invocation"
connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    connection.request("GET", f"{PREFIX}/next")
    response = connection.getresponse()
    event = response.read()
    request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
    connection.request("POST", f"{PREFIX}/{request_id}/response", event)
    connection.getresponse().read()
