"""The speed of the emulator with a template of many functions.

Prints the seconds from the command to the first response, and what an idle emulator holds: first
without what AWS's translator has made of the template before, then with it.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

FUNCTIONS = 20
HEAD = """Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler, CodeUri: src/}}
Resources:
"""
FUNCTION = """  Function{0}:
    Type: AWS::Serverless::Function
    Properties:
      Environment: {{Variables: {{NUMBER: "{0}"}}}}
      Events:
        Get: {{Type: HttpApi, Properties: {{Path: "/items/{0}", Method: GET}}}}
"""


def measure(folder: Path) -> tuple[float, float]:
    """Return the seconds until the first response, and megabytes of the idle emulator."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", "run", "template.yaml", "--port", "0"],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        url = ""
        while not url.startswith("http"):
            line = process.stderr.readline()
            assert line, "the emulator has not started"
            url = line.split()[-1] if " with: curl " in line else ""
        with urlopen(url, b"{}", timeout=30) as response:
            response.read()
        seconds = time.perf_counter() - started
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        kilobytes = int(status.partition("VmRSS:")[2].split()[0])
        process.terminate()
    return seconds, kilobytes / 1024


def main() -> None:
    """Measure both starts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "src").mkdir()
        (folder / "src/app.py").write_text("def handler(event, context):\n    return event\n")
        template = HEAD + "".join(FUNCTION.format(number) for number in range(FUNCTIONS))
        (folder / "template.yaml").write_text(template)
        for label in ("first start", "later start", "later start"):
            seconds, megabytes = measure(folder)
            print(f"{FUNCTIONS} functions, {label}: {seconds:.2f} s, {megabytes:.0f} MB idle")


if __name__ == "__main__":
    main()
