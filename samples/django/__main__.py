"""A web application of Django in one file: a form with its CSRF token, a session in a cookie."""

import os
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import path, reverse
from django.utils.html import format_html

from lambda_asgi import AsgiHandler
from lambda_runtime import run

PAGE = """<!doctype html>
<title>Guest book</title>
<h1>Guest book</h1>
<p>You have signed {count} times{last}.</p>
<form method="post" action="{action}">
  <input type="hidden" name="csrfmiddlewaretoken" value="{token}">
  <label>Name <input name="name" required></label> <button>Sign</button>
</form>
"""

settings.configure(
    # A function URL is reached by its own name only; add yours, if you have a domain.
    ALLOWED_HOSTS=[".on.aws", "127.0.0.1", "localhost"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("SECRET_KEY", "only for this machine"),
    # The next request may be another environment's: what it needs is with the client, or elsewhere.
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
)
django.setup()


def guest_book(request: Any) -> HttpResponse:
    """Show the page, or take its form. Django runs it on a thread, as it is not an `async def`."""
    print(f"django got {request.method} {request.path}")
    if request.method == "POST":
        request.session["count"] = request.session.get("count", 0) + 1
        request.session["last"] = request.POST["name"]
        return HttpResponseRedirect(reverse(guest_book))
    last = request.session.get("last")
    page = format_html(
        PAGE,
        action=reverse(guest_book),
        count=request.session.get("count", 0),
        last=f", at last as {last}" if last else "",
        token=get_token(request),
    )
    return HttpResponse(str(page).encode())


urlpatterns = [path("", guest_book)]
handler = AsgiHandler(get_asgi_application())

if __name__ == "__main__":
    # Only on this machine: a port of its own gives the function URL the paths that it has on AWS.
    os.environ.setdefault("LAMBDA_EMULATOR_URL_PORT", "8000")
    run(handler)
