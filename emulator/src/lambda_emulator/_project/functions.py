"""The functions of a stack."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lambda_emulator._config import (
    Cors,
    DurableConfig,
    EventInvokeConfig,
    LogFormat,
    LogLevel,
    URLConfig,
)
from lambda_emulator._project.arns import function_name
from lambda_emulator._project.code import Code, image_code, layer_folder, module_exists, zip_code
from lambda_emulator._project.description import FunctionDescription
from lambda_emulator._project.malformed import read_all
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import integer_or_none, number_of, text_of

_LEVELS: dict[str, LogLevel] = {
    "TRACE": "trace",
    "DEBUG": "debug",
    "INFO": "info",
    "WARN": "warn",
    "ERROR": "error",
    "FATAL": "fatal",
}
_LAMBDA = "AWS::Lambda::Function"
_LAYER = "AWS::Lambda::LayerVersion"
_PUBLISHED = "PublishedVersions"


def read_functions(stack: Stack) -> list[FunctionDescription]:
    """Return the functions of a stack, in the order of the template.

    Args:
        stack: The stack.
    """
    urls = _of_functions(stack, "AWS::Lambda::Url", "TargetFunctionArn")
    invokes = _of_functions(stack, "AWS::Lambda::EventInvokeConfig", "FunctionName")
    _warn_of_unpublished(stack)
    return read_all(
        stack.of_kind(_LAMBDA),
        lambda each: [_read(stack, each, urls.get(each.name), invokes.get(each.name))],
    )


def _warn_of_unpublished(stack: Stack) -> None:
    """Warn of functions with SnapStart of which no version is published."""
    published = _of_functions(stack, "AWS::Lambda::Version", "FunctionName")
    for each in stack.of_kind(_LAMBDA):
        if each.text("SnapStart", "ApplyOn") == _PUBLISHED and each.name not in published:
            each.warn(
                "AWS takes snapshots of published versions only, and there is none:"
                " AutoPublishAlias publishes one. The emulator starts the function as from one.",
                "SnapStart",
            )


def _of_functions(stack: Stack, kind: str, key: str) -> dict[str, Resource]:
    """Return the resources of a type by the function that they belong to."""
    return {function_name(each.text(key)): each for each in stack.of_kind(kind)}


def _all_of(stack: Stack, kind: str, name: str) -> list[Resource]:
    """Return the resources of a type that belong to the function of a name."""
    return [
        each for each in stack.of_kind(kind) if function_name(each.text("FunctionName")) == name
    ]


def _read(
    stack: Stack, resource: Resource, url: Resource | None, invoke: Resource | None
) -> FunctionDescription:
    layers = _layers(resource)
    code = _code(resource, layers)
    for number, each in enumerate(resource.tables("FileSystemConfigs")):
        resource.warn(
            f"Its file system is not mounted here: {text_of(each.get('LocalMountPath', ''))} is a"
            " path of this machine.",
            "FileSystemConfigs",
            str(number),
        )
    log_format: LogFormat = (
        "json" if resource.text("LoggingConfig", "LogFormat").upper() == "JSON" else "text"
    )
    if wrapper := resource.text("Environment", "Variables", "AWS_LAMBDA_EXEC_WRAPPER"):
        resource.warn(f"The wrapper {wrapper} is not run.", "Environment")
    return FunctionDescription(
        name=resource.name,
        place=resource.place(),
        code=code.folder,
        handler=code.handler,
        runtime=code.runtime,
        not_served=code.not_served,
        environment={
            key: text_of(value) for key, value in resource.table("Environment", "Variables").items()
        },
        timeout=resource.number("Timeout") or 3,
        memory_mb=resource.integer("MemorySize", default=128),
        layers=layers,
        architecture=next(map(text_of, resource.items("Architectures")), "x86_64"),
        log_format=log_format,
        log_level=_LEVELS.get(resource.text("LoggingConfig", "ApplicationLogLevel").upper()),
        concurrency=integer_or_none(resource.get("ReservedConcurrentExecutions")),
        max_concurrency=integer_or_none(
            resource.get(
                "CapacityProviderConfig",
                "LambdaManagedInstancesCapacityProviderConfig",
                "PerExecutionEnvironmentMaxConcurrency",
            )
        ),
        tenancy=resource.text("TenancyConfig", "TenantIsolationMode") == "PER_TENANT",
        snap_start=resource.text("SnapStart", "ApplyOn") == _PUBLISHED,
        url=None if url is None else _url(url),
        event_invoke=_event_invoke(resource, invoke),
        durable=_durable(stack, resource),
        aliases=_aliases(stack, resource),
    )


def _code(resource: Resource, layers: tuple[Path, ...]) -> Code:
    handler = resource.text("Handler")
    runtime = resource.text("Runtime")
    if resource.text("PackageType") == "Image" or resource.text("Code", "ImageUri"):
        return image_code(resource)
    code = zip_code(resource, handler, runtime)
    if code.folder is not None and not code.not_served:
        roots = [code.folder, *(layer / "python" for layer in layers)]
        if not module_exists(code.handler, roots):
            resource.warn(
                f"There is no module for the handler {handler!r} in {code.folder}: each invocation"
                " will fail.",
                "Handler",
            )
    return code


def _layers(resource: Resource) -> tuple[Path, ...]:
    folders: list[Path] = []
    for number, arn in enumerate(map(text_of, resource.items("Layers"))):
        stack = resource.stack  # whose own layers are meant first
        layers = (*stack.of_kind(_LAYER), *stack.of_project(_LAYER))
        layer = next((each for each in layers if _arn_of(each) == arn), None)
        if layer is None:
            resource.warn(
                f"The layer {arn} is not on this machine, and is left out: name a folder with"
                " --layer.",
                "Layers",
                str(number),
            )
            continue
        folder = layer_folder(layer)
        if folder is None:
            resource.warn(f"The layer {layer.id} has no folder on this machine.", "Layers")
        else:
            folders.append(folder)
    return tuple(folders)


def _arn_of(layer: Resource) -> str:
    return text_of(layer.stack.evaluate({"Ref": layer.id}, ("Resources", layer.id)))


def _url(resource: Resource) -> URLConfig:
    if resource.text("AuthType") == "AWS_IAM":
        resource.warn("Signatures are not checked: everybody may call this URL.", "AuthType")
    return URLConfig(
        format="url",
        invoke_mode=(
            "RESPONSE_STREAM" if resource.text("InvokeMode") == "RESPONSE_STREAM" else "BUFFERED"
        ),
        cors=read_cors(resource.get("Cors")),
    )


def read_cors(value: Any) -> Cors | None:
    """Return a CORS configuration of a function URL or an HTTP API.

    Args:
        value: As in CloudFormation, or as in an extension of OpenAPI; None for none.
    """
    if not isinstance(value, Mapping):
        return None
    table = {key[:1].lower() + key[1:]: each for key, each in value.items()}

    def texts(key: str) -> tuple[str, ...]:
        found = table.get(key) or []
        return tuple(map(text_of, found if isinstance(found, list) else [found]))

    return Cors(
        allow_origins=texts("allowOrigins"),
        allow_methods=texts("allowMethods"),
        allow_headers=texts("allowHeaders"),
        expose_headers=texts("exposeHeaders"),
        allow_credentials=text_of(table.get("allowCredentials", False)) == "true",
        max_age=int(number_of(table.get("maxAge")) or 0),
    )


def _event_invoke(function: Resource, resource: Resource | None) -> EventInvokeConfig:
    config = EventInvokeConfig(
        dead_letter_queue=function.text("DeadLetterConfig", "TargetArn") or None
    )
    if resource is None:
        return config
    return config._replace(
        max_retries=resource.integer("MaximumRetryAttempts", default=config.max_retries),
        max_age=resource.number("MaximumEventAgeInSeconds") or config.max_age,
        on_success=resource.text("DestinationConfig", "OnSuccess", "Destination") or None,
        on_failure=resource.text("DestinationConfig", "OnFailure", "Destination") or None,
    )


def _durable(stack: Stack, resource: Resource) -> DurableConfig | None:
    if resource.get("DurableConfig") is None:
        return None
    default = DurableConfig()
    versions = _all_of(stack, "AWS::Lambda::Version", resource.name)
    aliases = _aliases(stack, resource)
    return DurableConfig(
        execution_timeout=resource.integer(
            "DurableConfig", "ExecutionTimeout", default=default.execution_timeout
        ),
        retention_days=resource.integer(
            "DurableConfig", "RetentionPeriodInDays", default=default.retention_days
        ),
        qualifier=next(iter(aliases), "1" if versions else default.qualifier),
        aliases=aliases,
    )


def _aliases(stack: Stack, function: Resource) -> dict[str, str]:
    """Return the versions that the aliases of a function stand for."""
    return {
        each.text("Name"): each.text("FunctionVersion")
        for each in _all_of(stack, "AWS::Lambda::Alias", function.name)
    }
