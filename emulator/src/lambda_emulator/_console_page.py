"""The console's page: the files in ``console/``, and what a browser may do with them."""

from pathlib import Path

from aiohttp import web

_FILES = Path(__file__).parent / "console"
# Systems differ in their file types: a browser runs no module of another type.
_CONTENT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    # The page loads nothing from elsewhere, runs nothing that it is shown, and is in no frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


def send_file(name: str) -> web.StreamResponse:
    """Return the response that sends a file of the page.

    Args:
        name: The file's name.

    Raises:
        HTTPNotFound: There is no such file.
    """
    path = _FILES / name
    if not path.is_file():
        raise web.HTTPNotFound(text=f"The console has no file {name}.")
    content_type = f"{_CONTENT_TYPES[path.suffix]}; charset=utf-8"
    return web.FileResponse(path, headers={**_HEADERS, "Content-Type": content_type})
