"""A web application of Flask, which is a WSGI application: a form, a session, and flashed words."""

import os

from flask import Flask, flash, redirect, render_template_string, request, session, url_for
from werkzeug.wrappers import Response

from lambda_asgi import WsgiHandler
from lambda_runtime import run

PAGE = """<!doctype html>
<title>Guest book</title>
<h1>Guest book</h1>
{% for message in get_flashed_messages() %}<p role="status">{{ message }}</p>{% endfor %}
<p>You have signed {{ session.get("count", 0) }} times.</p>
<form method="post" action="{{ url_for('sign') }}">
  <label>Name <input name="name" required></label> <button>Sign</button>
</form>
"""

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY", "only for this machine")


@app.get("/")
def show() -> str:
    """Return the page."""
    return render_template_string(PAGE)


@app.post("/")
def sign() -> Response:
    """Take the form, and send the browser back to the page."""
    session["count"] = session.get("count", 0) + 1
    flash(f"Thank you, {request.form['name']}!")
    print(f"flask has a guest, {request.form['name']}")
    return redirect(url_for("show"), 303)


handler = WsgiHandler(app)

if __name__ == "__main__":
    # Only on this machine: a port of its own gives the function URL the paths that it has on AWS.
    os.environ.setdefault("LAMBDA_EMULATOR_URL_PORT", "8000")
    run(handler)
