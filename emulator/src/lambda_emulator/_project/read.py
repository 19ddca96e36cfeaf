"""Reads a project: a template, the output of CDK, or the settings of ``pyproject.toml``."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from lambda_emulator._names import is_function_name
from lambda_emulator._project.bucket_events import warn_of_silent_buckets
from lambda_emulator._project.callers import warn_of_callers
from lambda_emulator._project.cdk import (
    MANIFEST,
    choose_stacks,
    is_cdk,
    read_assets,
    read_stacks,
    stack_of_template,
)
from lambda_emulator._project.description import (
    Api,
    FunctionDescription,
    Listener,
    Place,
    Project,
    Warned,
)
from lambda_emulator._project.functions import read_functions
from lambda_emulator._project.http_apis import read_http_apis
from lambda_emulator._project.includes import Includes
from lambda_emulator._project.listeners import read_listeners
from lambda_emulator._project.loops import expand_loops
from lambda_emulator._project.parameters import read_parameters
from lambda_emulator._project.qualifiers import find_unqualified
from lambda_emulator._project.resource_values import Scope
from lambda_emulator._project.rest_apis import read_rest_apis
from lambda_emulator._project.sam import is_sam, translate
from lambda_emulator._project.sam_config import SamConfig, read_sam_config
from lambda_emulator._project.sources import read_sources
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import (
    ProjectError,
    TemplateFile,
    is_template,
    read_template,
)
from lambda_emulator._project.triggers import read_triggers

_LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
_Served = TypeVar("_Served", Api, Listener)
_MAX_DEPTH = 5  # of stacks within stacks


def is_project(path: Path) -> bool:
    """Return whether a path is a template, or the output of CDK.

    Args:
        path: Any path.
    """
    return is_cdk(path) if path.is_dir() else is_template(path)


def read_project(
    path: Path,
    parameters: Mapping[str, str] | None = None,
    scope: Scope | None = None,
    stacks: Sequence[str] = (),
    sam_environment: str | None = None,
) -> Project:
    """Read a project.

    Args:
        path: A template of SAM or CloudFormation, or the folder that ``cdk synth`` has written.
        parameters: The values of the template's parameters; others have their defaults.
        scope: The account and region that it pretends to be deployed in.
        stacks: The stacks of an application of CDK, or patterns of their names; none for all.
        sam_environment: The environment of ``samconfig.toml``; None for ``default``.

    Returns:
        Its description.

    Raises:
        ProjectError: It cannot be read; the message is one sentence.
    """
    scope = scope or Scope()
    given = dict(parameters or {})
    reader = _Reader(scope)
    if is_cdk(path):
        reader.read_cdk(path, given, stacks)
    elif not stacks and (stack := stack_of_template(path)) is not None:
        reader.read_cdk(path.parent, given, [stack.id])
    elif stacks:
        raise ProjectError(f"{path} is one template: only the output of CDK has several stacks.")
    else:
        config, source = read_sam_config(path, sam_environment), read_template(path)
        configured = config.values(source.body.get("Parameters") or {})
        reader.read_stack(source, {**configured, **given}, depth=0)
        return _configured(reader.project(path), config, configured.keys() - given.keys())
    return reader.project(path)


def _configured(project: Project, config: SamConfig, names: Iterable[str]) -> Project:
    """Return a project with what it has from ``samconfig.toml``."""
    if config.file is None:
        return project
    env_vars, warnings = config.env_vars, project.warnings
    if env_vars is not None and not env_vars.is_file():
        message = f"The file {env_vars.name} is not there, so no variables come from it."
        warnings = (*warnings, Warned(message=message, place=Place(path=config.file)))
        env_vars = None
    return replace(
        project,
        files=(*project.files, config.file, *([env_vars] if env_vars else [])),
        configured=tuple(sorted(names)),
        env_vars=env_vars,
        warnings=warnings,
    )


class _Reader:
    """Collects the stacks of a project, and all that they describe."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._stacks: list[Stack] = []
        self._files: list[Path] = []
        self._exports: dict[str, tuple[Stack, Any]] = {}
        self._roots: list[Stack] = []

    def read_stack(
        self,
        source: TemplateFile,
        parameters: Mapping[str, Any],
        *,
        depth: int,
        assets: Stack | None = None,
        prefix: str = "",
    ) -> Stack:
        """Read a template, and the stacks within it."""
        self._files.append(source.path)
        includes = Includes(source.path.parent)
        included = includes.resolve(source.body)
        self._files += includes.files
        body = _expanded(source, included, parameters, self._scope)
        if is_sam(body):
            read_parameters(source, body, parameters)  # refuses those that are not declared
            plain = _without_resources(source, body, parameters, self._scope)
            body = translate(
                source,
                body,
                parameters,
                self._scope.region,
                lambda value: plain.evaluate(value, ("Resources",)),
            )
        taken = {logical_id for each in self._stacks for logical_id in each}
        stack = Stack(source, parameters, self._scope, body=body, prefix=prefix, taken=taken)
        if assets is not None:
            stack.assets, stack.images = assets.assets, assets.images
        stack.exports, stack.project = self._exports, self._stacks
        self._stacks.append(stack)
        if depth == 0:
            self._roots.append(stack)
        for resource in list(stack.of_kind("AWS::CloudFormation::Stack")):
            if (path := _nested_template(resource)) is None:
                shown = resource.text("TemplateURL")
                resource.warn(f"The template {shown} is not on this machine.", "TemplateURL")
            elif depth < _MAX_DEPTH:
                inner = resource.table("Parameters")
                with self._within(f"{self._scope.stack}-{resource.id}"):
                    stack.children[resource.id] = self.read_stack(
                        read_template(path),
                        inner,
                        depth=depth + 1,
                        assets=stack,
                        prefix=f"{prefix}-{_construct(resource)}".removeprefix("-"),
                    )
        for name, output in stack.outputs():
            export = output.get("Export")
            if isinstance(export, Mapping):
                key = stack.evaluate(export.get("Name"), ("Outputs", name, "Export", "Name"))
                self._exports[str(key)] = (stack, output.get("Value"))
        return stack

    def read_cdk(self, folder: Path, parameters: Mapping[str, str], stacks: Sequence[str]) -> None:
        """Read the stacks of an application of CDK."""
        self._files.append(folder / MANIFEST)
        assets = read_assets(folder)
        unused = set(parameters)
        for each in choose_stacks(read_stacks(folder), stacks, folder):
            source = read_template(each.template)
            declared = source.body.get("Parameters") or {}
            own = {name: value for name, value in parameters.items() if name in declared}
            unused -= own.keys()
            holder = Stack(source, {}, self._scope, body={})
            holder.assets, holder.images = assets
            with self._within(each.name):
                self.read_stack(source, own, depth=0, assets=holder, prefix=each.name)
        if unused:
            raise ProjectError(f"No stack of {folder} has a parameter {min(unused)!r}.")

    @contextmanager
    def _within(self, stack: str) -> Generator[None]:
        """Give the stacks that are read the name of a stack."""
        scope, self._scope = self._scope, self._scope._replace(stack=stack)
        yield
        self._scope = scope

    def project(self, path: Path) -> Project:
        """Return what all stacks describe."""
        functions = [each for stack in self._stacks for each in read_functions(stack)]
        http = [each for stack in self._stacks for each in read_http_apis(stack)]
        rest = [each for stack in self._stacks for each in read_rest_apis(stack)]
        listeners, idle = read_listeners(self._stacks)
        sources = [each for stack in self._stacks for each in read_sources(stack)]
        for stack in self._stacks:
            warn_of_callers(stack)
            warn_of_silent_buckets(stack)
        triggers = [each for stack in self._stacks for each in read_triggers(stack)]
        durable = {each.name for each in functions if each.durable}
        unqualified = [each for stack in self._stacks for each in find_unqualified(stack, durable)]
        warnings = [each for stack in self._stacks for each in stack.warnings]
        kept, more = _checked(functions)
        places = {each: number for number, each in enumerate(self._files)}
        return Project(
            path=path,
            files=tuple(self._files),
            functions=tuple(kept),
            apis=tuple(
                _with_own_names(
                    sorted([*http, *rest], key=lambda api: (places[api.place.path], api.place.line))
                )
            ),
            listeners=tuple(_with_own_names(listeners)),
            sources=tuple(sources),
            triggers=tuple(triggers),
            refused_by_aws=tuple(dict.fromkeys(unqualified)),
            outputs=_outputs(self._roots),
            warnings=(*warnings, *idle, *more),
        )


def _with_own_names(apis: Sequence[_Served]) -> Iterator[_Served]:
    """Yield APIs with different names: where several have one, they have their logical ids."""
    names = Counter(each.name for each in apis)
    ids = Counter[str]()
    for each in apis:
        if names[each.name] == 1:
            yield each
            continue
        own = each.place.name
        ids[own] += 1
        yield replace(each, name=own if ids[own] == 1 else f"{own}-{ids[own]}")


def _checked(
    functions: Iterable[FunctionDescription],
) -> tuple[list[FunctionDescription], list[Warned]]:
    """Return the functions with different and valid names, and warnings of the others."""
    kept: dict[str, FunctionDescription] = {}
    warnings: list[Warned] = []
    for each in functions:
        if each.name in kept:
            first = kept[each.name].place
            message = f"{first.name} has the name {each.name!r}, too, so this one is left out."
            warnings.append(Warned(message=message, place=each.place))
        elif not is_function_name(each.name) and not each.not_served:
            reason = f"{each.name!r} cannot be the name of a function"
            kept[each.name] = replace(each, not_served=reason)
        else:
            kept[each.name] = each
    return list(kept.values()), warnings


def _expanded(
    source: TemplateFile, body: Mapping[str, Any], parameters: Mapping[str, Any], scope: Scope
) -> Mapping[str, Any]:
    """Return the content of a template with its loops written out, if it may have some."""
    transforms = body.get("Transform")
    names = transforms if isinstance(transforms, list) else [transforms]
    if _LANGUAGE_EXTENSIONS not in names:
        return body
    stack = _without_resources(source, body, parameters, scope)
    expanded: dict[str, Any] = expand_loops(
        body, lambda collection: stack.evaluate(collection, ("Resources",))
    )
    return expanded


def _without_resources(
    source: TemplateFile, body: Mapping[str, Any], parameters: Mapping[str, Any], scope: Scope
) -> Stack:
    """Return a stack for values that do not depend on resources."""
    plain = {key: each for key, each in body.items() if key in {"Parameters", "Mappings"}}
    return Stack(source, parameters, scope, body=plain)


def _outputs(roots: Iterable[Stack]) -> dict[str, str]:
    """Return the outputs of stacks; one whose name is taken begins with its stack's."""
    outputs: dict[str, str] = {}
    for stack in roots:
        for name, value in stack.output_values().items():
            outputs[f"{stack.prefix}-{name}" if name in outputs else name] = value
    return outputs


def _construct(nested: Resource) -> str:
    """Return the id of a nested stack; without the id of its template, which CDK appends."""
    return nested.id.partition("NestedStack")[0] or nested.id


def _nested_template(resource: Resource) -> Path | None:
    stack = resource.stack
    asset = resource.metadata.get("aws:asset:path")
    location = asset if isinstance(asset, str) else resource.text("TemplateURL")
    path = stack.assets.get(location.rpartition("/")[2])
    if path is None and location and "://" not in location:
        path = stack.base / location
    return path if path is not None and path.is_file() else None
