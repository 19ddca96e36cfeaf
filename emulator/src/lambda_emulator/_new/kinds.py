"""The kinds of projects that ``lambda-emulator new`` creates."""

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of project.

    Attributes:
        about: A description of the function, in a line.
        dependencies: The requirements of the function.
        emulator: The requirement of the emulator, with its extras.
        testing: The requirement of lambda-testing, with its extras.
        build: More options of the build, as TOML.
        settings: More options of the emulator, as TOML.
        invoke: The command that invokes the function once; ``{name}`` stands for its name.
        runtime: The runtime in the SAM template.
        event: The resource of the SAM template that invokes it, indented for ``Events``.
        options: More properties of the function in the SAM template.
    """

    about: str
    dependencies: tuple[str, ...] = ("lambda-runtime[events,typed]", "lambda-events")
    emulator: str = "lambda-emulator[events]"
    testing: str = "lambda-testing"
    build: str = ""
    settings: str = ""
    invoke: str = "uv run lambda-emulator invoke app.handler -e event.json"
    runtime: str = "provided.al2023"
    event: str = ""
    options: str = ""

    @property
    def tools(self) -> tuple[str, ...]:
        """The requirements of development."""
        return (
            "hatch>=1.14",
            "hatch-lambda",
            self.emulator,
            self.testing,
            "mypy>=1.16",
            "pytest>=8.3",
            "ruff>=0.12",
        )


_URL = """      FunctionUrlConfig:
        AuthType: NONE
        InvokeMode: {}
"""
KINDS = {
    "http": Kind(
        "orders over HTTP, with typed requests and responses",
        event="""        Api:
          Type: HttpApi
""",
        settings='url-format = "v2"\n',
    ),
    "sqs": Kind(
        "a queue's messages, of which only the failed ones return",
        event="""        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
""",
    ),
    "stream": Kind(
        "a response that is streamed piece by piece",
        dependencies=("lambda-runtime",),
        options=_URL.format("RESPONSE_STREAM"),
        settings='url-mode = "RESPONSE_STREAM"\n',
    ),
    "web": Kind(
        "a web application with FastAPI",
        dependencies=("lambda-runtime", "lambda-asgi", "fastapi>=0.115"),
        options=_URL.format("BUFFERED"),
    ),
    "scheduled": Kind(
        "a job that runs every night",
        event="""        Night:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: cron(0 2 * * ? *)
""",
    ),
    # Lambda offers durable executions to its managed runtimes, and not to OS-only ones.
    "durable": Kind(
        "an order that waits until a person approves it",
        dependencies=("lambda-runtime", "aws-durable-execution-sdk-python>=3.0"),
        emulator="lambda-emulator[durable]",
        testing="lambda-testing[durable]",
        build='layout = "wrapper"\n',
        settings="durable = true\n",
        invoke="curl -d @event.json"
        " 'http://127.0.0.1:9000/2015-03-31/functions/{name}/invocations?Qualifier=$LATEST'",
        runtime="python3.13",
        options="""      AutoPublishAlias: live
      DurableConfig:
        ExecutionTimeout: 259200
        RetentionPeriodInDays: 14
      Environment:
        Variables:
          AWS_LAMBDA_EXEC_WRAPPER: /var/task/wrapper
""",
    ),
}
