"""The table of what AWS's HTTP front ends do: rows of cells, and their sources.

``python -m emulator.tests.fidelity_page`` writes ``docs/emulator-fidelity.md`` from the rows, and
tests try each cell.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PAGE = Path(__file__).parents[2] / "docs" / "emulator-fidelity.md"
BEGIN = "<!-- the table: written by emulator/tests/fidelity_page.py -->"
_SHOWN = 60
ABSENT = object()
"""Stands for a field that is not there."""
FRONT_ENDS = {
    "url": "function URL",
    "v2": "HTTP API",
    "v1": "REST API",
    "alb": "load balancer",
    "alb-multi-value": "load balancer, multi-value",
}
_GITHUB = "https://github.com/"
_AWS = "https://docs.aws.amazon.com/"
_LOCALSTACK = f"{_GITHUB}localstack/localstack/blob/main/tests/aws/services/"
SOURCES = {
    "voker": (
        "recorded",
        "requests to AWS in July 2026, and the events",
        f"{_GITHUB}hotsock/voker/tree/main/vokerhttp/testdata",
    ),
    "rest-tests": (
        "recorded",
        "LocalStack's tests of REST APIs that run against AWS",
        f"{_LOCALSTACK}apigateway/test_apigateway_lambda.py",
    ),
    "url-tests": (
        "recorded",
        "LocalStack's tests of function URLs that run against AWS",
        f"{_LOCALSTACK}lambda_/test_lambda.py",
    ),
    "dotnet": (
        "recorded",
        "the tests of AWS's Lambda Test Tool that run against AWS",
        f"{_GITHUB}aws/aws-lambda-dotnet/tree/master/Tools/LambdaTestTool-v2/tests",
    ),
    "types": (
        "recorded",
        "content types sent to an HTTP API",
        f"{_GITHUB}ministackorg/ministack/pull/766",
    ),
    "binary": (
        "recorded",
        "binary media types of a REST API",
        f"{_GITHUB}ministackorg/ministack/pull/767",
    ),
    "url-guide": (
        "documented",
        "Lambda's guide: function URLs",
        f"{_AWS}lambda/latest/dg/urls-invocation.html",
    ),
    "lambda-quotas": (
        "documented",
        "Lambda's guide: quotas",
        f"{_AWS}lambda/latest/dg/gettingstarted-limits.html",
    ),
    "v2-guide": (
        "documented",
        "API Gateway's guide: HTTP APIs and Lambda",
        f"{_AWS}apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",
    ),
    "v2-quotas": (
        "documented",
        "API Gateway's guide: quotas of HTTP APIs",
        f"{_AWS}apigateway/latest/developerguide/http-api-quotas.html",
    ),
    "v1-guide": (
        "documented",
        "API Gateway's guide: REST APIs and Lambda",
        f"{_AWS}apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html",
    ),
    "v1-quotas": (
        "documented",
        "API Gateway's guide: quotas of REST APIs",
        f"{_AWS}apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html",
    ),
    "v1-streams": (
        "documented",
        "API Gateway's guide: streamed responses",
        f"{_AWS}apigateway/latest/developerguide/response-transfer-mode-lambda.html",
    ),
    "alb-guide": (
        "documented",
        "Elastic Load Balancing's guide: Lambda functions as targets",
        f"{_AWS}elasticloadbalancing/latest/application/lambda-functions.html",
    ),
    "alb-errors": (
        "documented",
        "Elastic Load Balancing's guide: troubleshooting",
        f"{_AWS}elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
    ),
    "alb-tracing": (
        "documented",
        "Elastic Load Balancing's guide: request tracing",
        f"{_AWS}elasticloadbalancing/latest/application/load-balancer-request-tracing.html",
    ),
    "cookies": (
        "reported",
        "cookies twice at a function URL",
        f"{_GITHUB}aws/aws-lambda-web-adapter/issues/121",
    ),
    "form": (
        "reported",
        "a form at a function URL",
        f"{_GITHUB}LeanerCloud/CUDly/pull/1483",
    ),
    "v1-body": (
        "reported",
        "a body that is an object, at a REST API",
        f"{_GITHUB}vincentsarago/lambda-proxy/issues/59",
    ),
    "v1-cookies": (
        "reported",
        "`cookies` in a response to a REST API",
        f"{_GITHUB}anomalyco/sst/issues/2760",
    ),
    "v2-failed": (
        "reported",
        "a malformed response to an HTTP API",
        f"{_GITHUB}CodeGenieApp/serverless-express/issues/355",
    ),
    "v2-fields": (
        "reported",
        "an HTTP API skips unknown fields",
        f"{_GITHUB}aws/aws-sam-cli/pull/2941",
    ),
    "v1-throttled": (
        "reported",
        "a throttled function behind a REST API",
        "https://repost.aws/questions/QUfI6bsdd0SOiPeyimzxSkfQ",
    ),
    "alb-query": (
        "reported",
        "queries of a load balancer stay encoded",
        f"{_GITHUB}aws/aws-lambda-rust-runtime/issues/543",
    ),
    "alb-number": (
        "reported",
        "a header that is a number, at a load balancer",
        f"{_GITHUB}pwrdrvr/lambda-dispatch/issues/52",
    ),
    "alb-boolean": (
        "reported",
        "a header that is a boolean, at a load balancer",
        f"{_GITHUB}jeremydaly/lambda-api/issues/117",
    ),
    "alb-null": (
        "reported",
        "null in a response to a load balancer",
        f"{_GITHUB}aws/aws-lambda-dotnet/issues/507",
    ),
    "alb-body": (
        "reported",
        "a body that is null, at a load balancer",
        f"{_GITHUB}aws-powertools/powertools-lambda-python/issues/4671",
    ),
    "alb-least": (
        "reported",
        "the minimal response that a load balancer accepts",
        f"{_GITHUB}awsdocs/elb-application-load-balancers-user-guide/issues/33",
    ),
    "alb-type": (
        "reported",
        "a response to a load balancer without a content type",
        f"{_GITHUB}aws/aws-lambda-go/pull/207",
    ),
    "alb-page": (
        "reported",
        "a load balancer's own page",
        f"{_GITHUB}brefphp/bref/issues/1986",
    ),
    "alb-multi": (
        "reported",
        "headers of the other kind, at a load balancer",
        f"{_GITHUB}aws-powertools/powertools-lambda-python/issues/1450",
    ),
    "": ("inferred", "from the other cells, and from the software that AWS uses", ""),
}


@dataclass(frozen=True)
class Sent:
    """A request.

    Attributes:
        target: The path and the query, as they are sent.
        method: The method.
        headers: Names and values, besides ``Host`` and what the body needs.
        body: The body, or None for none.
        chunked: True if the body is sent in chunks.
    """

    target: bytes = b"/"
    method: bytes = b"GET"
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes | None = None
    chunked: bool = False

    def __str__(self) -> str:
        parts = [f"{_text(self.method)} {_text(self.target)}"]
        parts += [f"{_text(name)}: {_text(value)}" for name, value in self.headers]
        if self.body is not None:
            parts.append(f"body {_text(self.body)}" if self.body else "an empty body")
        return "; ".join(f"`{_short(part)}`" for part in parts)


@dataclass(frozen=True)
class Answered:
    """The result of a function: JSON, or the bytes in its place."""

    payload: bytes

    def __str__(self) -> str:
        return f"`{_short(_text(self.payload))}`"


@dataclass(frozen=True)
class Row:
    """One thing that is asked, and what each front end does.

    Attributes:
        name: The row's name.
        given: The request, or the function's result.
        cells: The expectation and its source, by the front end.
    """

    name: str
    given: Sent | Answered | str
    cells: Mapping[str, tuple[str, Mapping[str, object]]]


@dataclass(frozen=True)
class Section:
    """Rows about one matter."""

    title: str
    rows: Sequence[Row]

    def cells(self) -> Iterator[tuple[Row, str]]:
        for row in self.rows:
            for front_end in row.cells:
                yield row, front_end


def row(
    name: str,
    given: Sent | Answered | str,
    **cells: tuple[str, Mapping[str, object]],
) -> Row:
    """Return a row; ``alb_multi_value`` names the last front end."""
    by_name = {key.replace("_", "-"): cell for key, cell in cells.items()}
    if missing := {"url", "v2", "v1", "alb"} - by_name.keys():
        raise ValueError(f"{name} says nothing of {missing}")
    return Row(name, given, by_name)


def render(sections: Sequence[Section]) -> str:
    """Return the table as Markdown."""
    lines = ["", "## Sources", ""]
    used = {
        source for section in sections for row in section.rows for source, _ in row.cells.values()
    }
    for key, (certainty, title, url) in SOURCES.items():
        if key in used:
            link = f"[{title}]({url})" if url else title
            lines.append(f"- **{key or 'inferred'}**: {certainty}: {link}")
    for section in sections:
        lines += ["", f"## {section.title}"]
        for row in section.rows:
            lines += ["", f"**{row.name}**: {row.given}", "", "| | | certainty |", "|---|---|---|"]
            for front_end, (source, expected) in row.cells.items():
                certainty = f"{SOURCES[source][0]} ({source})" if source else "inferred"
                shown = ", ".join(_field(*item) for item in expected.items())
                lines.append(f"| {FRONT_ENDS[front_end]} | {shown} | {certainty} |")
    return "\n".join([*lines, ""])


def listed_cells(page: str) -> list[tuple[str, str]]:
    """Return the names of the rows and front ends that the page has."""
    titles = {title: name for name, title in FRONT_ENDS.items()}
    found: list[tuple[str, str]] = []
    name = ""
    for line in page.partition(BEGIN)[2].splitlines():
        if line.startswith("**"):
            name = line.split("**")[1]
        elif line.startswith("| ") and (title := line.split("|")[1].strip()) in titles:
            found.append((name, titles[title]))
    return found


def table_of(page: str) -> str:
    """Return the part of the page that is written by this module."""
    return page.partition(BEGIN + "\n")[2]


def _field(name: str, value: object) -> str:
    if value is ABSENT:
        return f"no `{name}`"
    return f"`{name}` `{_short(json.dumps(value, ensure_ascii=False))}`"


def _text(data: bytes) -> str:
    return data.decode("ascii", "backslashreplace").replace("\r", "\\r").replace("\n", "\\n")


def _short(text: str) -> str:
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text):,} characters)"
    text = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return text.replace("|", "\\|").replace("`", "'")
