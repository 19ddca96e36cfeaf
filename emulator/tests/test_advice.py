"""Proposals of the emulator when something is misspelt, missing or of another kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from lambda_emulator._target_advice import advise

from .conftest import run_in

if TYPE_CHECKING:
    from pathlib import Path

HANDLER = "def handler(event, context):\n    return event\n"
FILES = {
    "app.py": HANDLER,
    "aa/app.py": HANDLER,
    "bb/app.py": HANDLER,
    "pkg/sub/mod.py": HANDLER,
    "cls.py": "class Handler:\n    def handle(self, event, context): ...\n"
    "def lambda_handler(event, context): ...\n",
    "two.py": "def first(event): ...\ndef second(event): ...\n",
    "template.yaml": "Resources:\n  F:\n    Properties:\n      Handler: app.handler\n",
    "app.js": "",
    "book.ipynb": "{}",
    "code.zip": "",
    "empty/notes.txt": "",
    "broken.py": "def handler(event) return 1\n",
    "missing.py": "import nothing_of_that_name\n",
    "deep.py": "import helper\ndef handler(event): ...\n",
    "helper.py": "def connect():\n    raise RuntimeError('no database')\n\nconnect()\n",
    "my app.py": HANDLER,
    "variable.py": "import os\nTABLE = os.environ['TABLE']\n",
    "key.py": "TABLE = {}['TABLE']\n",
    "slow.py": "import time\ntime.sleep(60)\n",
    "event.json": "{}",
    "words.json": "not JSON",
    "program.py": "from lambda_runtime import run\nimport helper\nrun(lambda event: 1)\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("app:handler", "app.handler"),
        ("app::handler", "app.handler"),
        ("./app.handler", "app.handler"),
        ("app", "app.handler"),
        ("app.py:handler", "app.handler"),
        ("app.py.handler", "app.handler"),
        ("app/handler", "app.handler"),
        ("app.handler()", "app.handler"),
        ("App.handler", "app.handler"),
        ("ap.handler", "app.handler"),
        ("progam.py", "program.py"),
        ("apq.py", "app.handler"),
        ("aa", "aa/app.handler"),
        ("aa.app:handler", "aa/app.handler"),
        ("aa/ap.handler", "aa/app.handler"),
        ("mod.handler", "pkg/sub/mod.handler"),
        ("pkg/sub/mod.py:handler", "pkg/sub/mod.handler"),
        ("two", "two.first or two.second"),
        ("lambda_handler", "cls.lambda_handler"),
        ("lambda_handlr", "cls.lambda_handler"),
        ("app.handlr", "app.handler"),
        ("app.handel", "app.handler"),
        ("pkg.sub.mod", "pkg/sub/mod.handler"),
        ("cls.lambda_handle", "cls.lambda_handler"),
    ],
)
def test_a_target_that_was_probably_meant(project: Path, target: str, meant: str) -> None:
    done = run_in(project, "run", target, "--port", "0")
    assert done.returncode in {1, 2}
    assert done.stderr.startswith("Error: ")
    assert f"did you mean {meant}" in done.stderr
    assert done.stderr.endswith("?\n")
    assert done.stderr.count("\n") == 1


def test_an_absolute_path(project: Path) -> None:
    assert "did you mean app.handler?" in run_in(project, "invoke", f"{project}/app.handler").stderr


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nowhere.handler", "run from the directory that holds it, or install it."),
        (
            "zzzz",
            "name a directory with a __main__.py, a .py file, or a handler as module.handler.",
        ),
        ("empty", "add one that calls lambda_runtime.run(handler)"),
        ("template.yaml", "name a handler that it has, such as app.handler."),
        ("app.js", "name a .py file."),
        ("book.ipynb", "save the notebook as a .py file, and name that."),
        ("code.zip", "unpack the archive, and name the handler as module.handler."),
        ("cls.Handler.handle", "a handler is a function of a module"),
        ("a b=app.handler", "use 1 to 64 letters, digits, - and _."),
        ("my app.handler", "has a space, which Lambda refuses: rename my app.py."),
    ],
)
def test_a_target_of_another_kind(project: Path, target: str, words: str) -> None:
    done = run_in(project, "invoke", target)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_application_that_was_probably_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.py").write_text("app = make()\n" + HANDLER)
    monkeypatch.chdir(tmp_path)
    assert advise("man:app") == "There is no 'man:app': did you mean main:app?"
    assert advise("main:handler") == "There is no 'main:handler': did you mean main.handler?"


def test_a_handler_of_another_folder(project: Path) -> None:
    there = (project / "aa").resolve()
    for target in ("../aa/app.handler", str(project / "aa" / "app.handler")):
        assert (
            f"is not in the working directory: change to {there}, and name app.handler."
            in run_in(project / "bb", "invoke", target).stderr
        )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-d", "@event.json"), "The event is not JSON: did you mean -e event.json?"),
        (("-d", "event.json"), "did you mean -e event.json?"),
        (("-d", "-"), "did you mean -e -?"),
        (("event.json",), "has no function 'event.json': did you mean -e event.json?"),
        (('{"a": 1}',), """did you mean -d '{"a": 1}'?"""),
        (("orders",), "has no function 'orders': omit it."),
        (("-e", "words.json"), "The event is not JSON: words.json: Expecting value"),
    ],
)
def test_an_event_in_another_place(project: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run_in(project, "invoke", "app.handler", *arguments)
    assert done.returncode == 2
    assert words in done.stderr


@pytest.mark.parametrize("command", ["run", "invoke"])
def test_a_name_without_a_target(project: Path, command: str) -> None:
    result = run_in(project, command, "orders=")
    assert result.returncode == 2
    assert result.stderr == "Error: 'orders=' names no target: write orders=TARGET.\n"


def test_a_class_is_not_a_handler(project: Path) -> None:
    first, *_ = run_in(project, "invoke", "cls.Handler").stderr.splitlines()
    assert first.startswith("Warning: cls.Handler is a class")
    assert "handler = Handler().METHOD" in first


@pytest.mark.parametrize(
    ("targets", "named"),
    [
        (("aa/app.handler", "bb/app.handler"), "aa=aa/app.handler bb=bb/app.handler"),
        (("two.first", "two.second"), "first=two.first second=two.second"),
        (("app.handler", "app.handler"), "app-1=app.handler app-2=app.handler"),
        (("x=app.handler", "x=aa/app.handler"), "aa=aa/app.handler"),
    ],
)
def test_two_targets_of_one_name(project: Path, targets: tuple[str, ...], named: str) -> None:
    done = run_in(project, "run", *targets)
    assert done.returncode == 2
    assert named in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("event", "meant"),
    [
        ("sqss", "SQSEvent"),
        ("sqs-event", "SQSEvent"),
        ("SnsEvnt", "SNSEvent"),
        ("apigw", "APIGatewayProxyEvent"),
        ("http", "APIGatewayV2HTTPEvent"),
        ("rest-api", "APIGatewayProxyEvent"),
        ("ddb", "DynamoDBEvent"),
        ("dynamo", "DynamoDBEvent"),
        ("alb", "ALBTargetGroupRequest"),
        ("msk", "KafkaEvent"),
        ("url", "LambdaFunctionURLEvent"),
        ("cron", "ScheduledEvent"),
        ("event_bridge", "EventBridgeEvent"),
    ],
)
def test_an_event_that_was_probably_meant(project: Path, event: str, meant: str) -> None:
    pytest.importorskip("lambda_events")
    done = run_in(project, "generate-event", event)
    assert done.returncode == 2
    assert f"There is no event {event!r}: did you mean " in done.stderr
    assert meant in done.stderr


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("rn", "app.handler"), "did you mean lambda-emulator run?"),
        (("invok",), "did you mean lambda-emulator invoke?"),
        (("start-api",), "did you mean lambda-emulator run?"),
        (("serve", "app.handler"), "did you mean lambda-emulator run?"),
        (("generate_event",), "did you mean lambda-emulator generate-event?"),
        (("app.handler",), "did you mean lambda-emulator run app.handler?"),
        (("run", "--timeot", "3", "app.handler"), "--timeout"),
        (("run", "--debug", "app.handler"), "write --debug after the target."),
        (("run", "app.handler", "--event-source", "ap:sqs=http://h/1/q"), "did you mean app?"),
    ],
)
def test_a_command_or_an_option(project: Path, arguments: tuple[str, ...], meant: str) -> None:
    done = run_in(project, *arguments)
    assert done.returncode == 2
    assert meant in done.stderr


@pytest.mark.parametrize(("key", "meant"), [("memori", "memory"), ("env_file", "env-file")])
def test_a_setting(tmp_path: Path, key: str, meant: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.lambda-emulator]\n{key} = 1\n")
    said = run_in(tmp_path, "run").stderr
    assert f"{key!r}, which is not an option: did you mean {meant}?" in said


def test_invoke_has_no_options_of_a_server(project: Path) -> None:
    shown = run_in(project, "invoke", "--help").stdout
    for option in ("--port", "--reload", "--concurrency", "--cors", "--freeze", "--max-retries"):
        assert f" {option} " not in shown
    done = run_in(project, "invoke", "app.handler", "--reload")
    assert done.returncode == 2
    assert "--reload" in done.stderr


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("broken.handler", "broken.py, line 1"),
        ("missing.handler", f"missing.py, line 1); install it for {sys.executable}, or"),
        ("deep.handler", "helper.py, line 2"),
        ("program.py", "helper.py, line 2"),
        ("variable.handler", "set the variable with --env TABLE=VALUE, or in a file"),
    ],
)
def test_a_broken_module_is_told_once(project: Path, target: str, words: str) -> None:
    done = run_in(project, "run", target, "--port", "0")
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout.count("Traceback (most recent call last)") == 1
    done = run_in(project, "invoke", target)
    assert done.returncode == 1
    assert done.stderr.count("Traceback (most recent call last)") == 1
    assert done.stderr.count("INIT_REPORT ") == 1


def test_a_function_of_another_name(project: Path) -> None:
    done = run_in(project, "invoke", "orders=aa/app.handler", "--log-format", "json")
    assert '"functionName":"orders"' in done.stderr


def test_a_project_that_was_probably_meant(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: {A: {Type: AWS::SQS::Queue}}")
    (tmp_path / "serverless.yml").write_text("service: shop")
    (tmp_path / "app.py").write_text(HANDLER)
    (tmp_path / "cdk.out").mkdir()
    (tmp_path / "cdk.out" / "manifest.json").write_text('{"artifacts": {}}')
    both = "did you mean template.yaml or cdk.out?"
    for arguments, words in (
        ((), f"Missing argument 'TARGET...': {both}"),
        ((".",), f"The directory '.' has no __main__.py: {both}"),
        (("template.yml",), f"There is no file 'template.yml': {both}"),
        (("no/template.yml",), "There is no file 'no/template.yml': check its name"),
        (("serverless.yml",), "name a template of SAM or CloudFormation, such as"),
        (("api/cdk.out",), "no manifest.json in 'api/cdk.out': write it with `cdk synth`."),
    ):
        assert words in run_in(tmp_path, "run", *arguments).stderr


def test_a_key_is_not_a_variable(project: Path) -> None:
    assert "--env" not in run_in(project, "run", "key.handler", "--port", "0").stderr


def test_time_that_was_too_short(project: Path) -> None:
    done = run_in(project, "run", "slow.handler", "--port", "0", "--init-timeout", "0.1")
    assert "; do less at the start, or allow more seconds with --init-timeout.\n" in done.stderr
    done = run_in(project, "invoke", "slow.handler", "--init-timeout", "0.1", "--timeout", "0.1")
    assert "The limit is 0.1 seconds: --timeout SECONDS changes it.\n" in done.stderr
