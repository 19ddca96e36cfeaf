"""Cross-origin resource sharing of function URLs and APIs: which other pages may call, and how.

https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
"""

from multidict import CIMultiDict, CIMultiDictProxy

from ._config import Cors


def is_preflight(method: str, headers: CIMultiDictProxy[str]) -> bool:
    """Return whether a browser asks what it may send; the function is not asked.

    Args:
        method: The method of the request.
        headers: The headers.
    """
    return (
        method == "OPTIONS" and "Origin" in headers and "Access-Control-Request-Method" in headers
    )


def is_allowed(cors: Cors, origin: str | None) -> bool:
    """Return whether a page may call.

    Args:
        cors: The configuration.
        origin: The page's origin; None if the browser does not send it.
    """
    scheme = (origin or "").partition("://")[0]
    return any(allowed in ("*", origin, f"{scheme}://*") for allowed in cors.allow_origins)


def cors_headers(cors: Cors, origin: str | None, *, preflight: bool) -> CIMultiDict[str]:
    """Return the headers by which a browser knows what is allowed.

    Args:
        cors: The configuration.
        origin: The origin of the page that asks, or None.
        preflight: True for a preflight request.

    Returns:
        Headers; none for a page that may not call.
    """
    headers: CIMultiDict[str] = CIMultiDict()
    if origin is None or not is_allowed(cors, origin):
        return headers
    anyone = "*" in cors.allow_origins and not cors.allow_credentials
    headers["Access-Control-Allow-Origin"] = "*" if anyone else origin
    headers["Vary"] = "Origin"
    if cors.allow_credentials:
        headers["Access-Control-Allow-Credentials"] = "true"
    lists = {"Access-Control-Expose-Headers": cors.expose_headers}
    if preflight:
        lists = {
            "Access-Control-Allow-Methods": cors.allow_methods,
            "Access-Control-Allow-Headers": cors.allow_headers,
        }
        if cors.max_age:
            headers["Access-Control-Max-Age"] = str(cors.max_age)
    for name, values in lists.items():
        if values:
            headers[name] = ", ".join(values)
    return headers
