"""SAM templates: AWS's own translator makes CloudFormation of them, in a process of its own.

The translator takes half a second to import, and memory that an emulator would hold for good. Its
output is kept in the user's cache folder, by the content of the template.
"""

import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from lambda_emulator._project.cache import cache_folder
from lambda_emulator._project.template_file import (
    ProjectError,
    TemplateFile,
    table_of,
    text_of,
)

LOCAL_BUCKET = "lambda-emulator-local"
"""The bucket that stands for this machine: the translator takes code from S3 only."""
_SAM = "AWS::Serverless-2016-10-31"
_LIMIT = 60  # seconds for the translator
_CODE = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::WebFunction": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
_STATE_MACHINE = "AWS::Serverless::StateMachine"
_APPLICATION = "AWS::Serverless::Application"


def is_sam(body: Mapping[str, Any]) -> bool:
    """Return whether a template is one of SAM.

    Args:
        body: The template.
    """
    transforms = body.get("Transform")
    names = transforms if isinstance(transforms, list) else [transforms]
    return _SAM in names


def translate(
    source: TemplateFile,
    body: Mapping[str, Any],
    parameters: Mapping[str, Any],
    region: str,
    evaluate: Callable[[Any], Any],
) -> dict[str, Any]:
    """Return the CloudFormation that a template of SAM stands for.

    Paths on this machine are archives in `LOCAL_BUCKET`, by these paths.

    Args:
        source: The file of the template.
        body: The template.
        parameters: The values of its parameters.
        region: The region that it pretends to be deployed to.
        evaluate: Returns the value of a part that does not depend on resources.

    Raises:
        ProjectError: The translator refuses it, or is not installed.
    """
    if find_spec("samtranslator") is None:
        raise ProjectError(
            "Templates of SAM need AWS's translator: pip install 'lambda-emulator[templates]'."
        )
    prepared = _with_archives(body, evaluate)
    request = json.dumps([prepared, dict(parameters), region], default=str)
    key = hashlib.sha256(f"{_translator_version()}\n{request}".encode()).hexdigest()
    kept = cache_folder("sam") / f"{key}.json"
    with contextlib.suppress(OSError, ValueError):
        return _as_table(json.loads(kept.read_bytes()))
    answer = json.loads(_run(request))
    if "errors" in answer:
        raise ProjectError(_explain(source, answer["errors"], _without_value(body, parameters)))
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(".new")
        written.write_text(json.dumps(answer), encoding="utf-8")
        written.replace(kept)
    return _as_table(answer)


def _as_table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not a table")
    return value


def _translator_version() -> str:
    from importlib.metadata import version

    return version("aws-sam-translator")


def _run(request: str) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "lambda_emulator._project.sam_translator"],
            input=request.encode(),
            capture_output=True,
            check=True,
            timeout=_LIMIT,
        )
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ProjectError(f"AWS's translator of SAM has failed: {reason}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProjectError(f"AWS's translator of SAM has failed: {error}") from error
    return done.stdout


def _with_archives(body: Mapping[str, Any], evaluate: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a template as the translator takes it: with code in S3, and no files beside it."""
    prepared: dict[str, Any] = json.loads(json.dumps(body, default=str))
    defaults = table_of(table_of(prepared.get("Globals")).get("Function"))
    if isinstance(code := defaults.get("CodeUri"), str):
        prepared["Globals"]["Function"]["CodeUri"] = _archive(code)
    for logical_id, resource in (prepared.get("Resources") or {}).items():
        if not isinstance(resource, dict):
            continue
        kind = text_of(resource.get("Type"))
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            if kind not in _CODE:
                continue
            properties = resource["Properties"] = {}
        if kind in _CODE:
            name = _CODE[kind]
            if isinstance(properties.get(name), dict) and "Bucket" not in properties[name]:
                properties[name] = text_of(evaluate(properties[name]))
            if isinstance(properties.get(name), str):
                properties[name] = _archive(properties[name])
            package = properties.get("PackageType", defaults.get("PackageType"))
            if package == "Image":
                properties.pop("CodeUri", None)
                if not isinstance(properties.get("ImageUri", defaults.get("ImageUri")), str):
                    properties.setdefault("ImageUri", f"local/image:{logical_id.lower()}")
            elif not {name, "InlineCode"} & properties.keys() and name not in defaults:
                properties[name] = _archive(".")
        elif kind == _STATE_MACHINE and isinstance(properties.get("DefinitionUri"), str):
            properties["DefinitionUri"] = _archive(properties["DefinitionUri"])  # is not run
        elif kind == _APPLICATION:
            resource.update(_stack_of(properties))
    return prepared


def _stack_of(application: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stack that an application is; the translator would ask AWS for its template."""
    location = application.get("Location")
    if isinstance(location, dict):
        location = location.get("ApplicationId", "")
    parameters = application.get("Parameters") or {}
    properties = {"TemplateURL": location, "Parameters": parameters}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def _archive(path: str) -> str:
    return path if "://" in path else f"s3://{LOCAL_BUCKET}/{path}"


def _without_value(body: Mapping[str, Any], parameters: Mapping[str, Any]) -> list[str]:
    """Return the names of parameters that have neither a value nor a default."""
    declared = body.get("Parameters") or {}
    return [
        name
        for name, each in declared.items()
        if name not in parameters and "Default" not in table_of(each)
    ]


def _explain(source: TemplateFile, errors: list[Mapping[str, str]], unset: list[str]) -> str:
    first = errors[0]
    logical_id = first.get("resource", "")
    line = source.line("Resources", logical_id) if logical_id else 0
    where = f"{source.path}:{line}" if line else str(source.path)
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    about = f"{logical_id}: " if logical_id else ""
    hint = f" Set the parameters without a default: --parameter {unset[0]}=VALUE." if unset else ""
    return f"{where}: {about}{first['message'].rstrip('.')}.{more}{hint}"
