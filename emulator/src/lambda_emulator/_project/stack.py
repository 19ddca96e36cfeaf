"""A stack: the resources of a template, whose properties have values once they are asked for."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lambda_emulator._project.description import Place, Warned
from lambda_emulator._project.dynamic_references import resolve, stored_value
from lambda_emulator._project.intrinsics import NO_VALUE, Evaluator, Unknown
from lambda_emulator._project.lines import line_of
from lambda_emulator._project.parameters import StoredParameter, read_parameters
from lambda_emulator._project.properties import Properties
from lambda_emulator._project.property_values import property_value
from lambda_emulator._project.resource_values import (
    Scope,
    default_name,
    name_property,
    pseudo_parameters,
    resource_value,
)
from lambda_emulator._project.template_file import TemplateFile, text_of
from lambda_emulator._project.undefined import tell_undefined

if TYPE_CHECKING:
    from pathlib import Path

_CDK_EXPORT = "ExportsOutput"  # begins the outputs by which one stack of CDK refers to another


class Resource(Properties):
    """A resource of a stack.

    Attributes:
        id: The logical id.
        kind: The type.
        stack: The stack.
        metadata: The metadata.
    """

    def __init__(self, stack: "Stack", logical_id: str, body: Mapping[str, Any]) -> None:
        """Hold a resource.

        Args:
            stack: The stack.
            logical_id: The logical id.
            body: The resource, as the template has it.
        """
        self.id = logical_id
        self.kind = str(body.get("Type", ""))
        self.stack = stack
        metadata = body.get("Metadata")
        self.metadata: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
        keys = ("Resources", logical_id, "Properties")
        super().__init__(body.get("Properties") or {}, keys, stack.evaluate)

    @property
    def name(self) -> str:
        """The name, or its logical id if it has none."""
        return self.stack.resource_name(self.id)

    def place(self, *keys: str) -> Place:
        """Return where it is.

        Args:
            *keys: The keys of a property.
        """
        return self.stack.place("Resources", self.id, *(("Properties", *keys) if keys else ()))

    def warn(self, message: str, *keys: str) -> None:
        """Note what is not understood, or not served.

        Args:
            message: A sentence.
            *keys: The keys of the property.
        """
        self.stack.warn(message, "Resources", self.id, *(("Properties", *keys) if keys else ()))


class Stack:
    """The resources of a template, with its parameters.

    Attributes:
        scope: The account and region that it pretends to be in.
        source: The file.
        base: The folder that paths in the template start from.
        warnings: The parts that were not understood.
        children: The stacks within it, by the logical ids of their resources.
        exports: The outputs of all stacks that are exported, by name, with their stacks.
        project: All stacks of the project.
        images: The folders and Dockerfiles of images, by what the URIs of images contain.
        assets: The paths of code, by the names that archives have in S3.
        prefix: The beginning of the names of resources whose logical ids other stacks have, too.
    """

    def __init__(
        self,
        source: TemplateFile,
        parameters: Mapping[str, Any],
        scope: Scope,
        *,
        body: Mapping[str, Any],
        prefix: str = "",
        taken: Collection[str] = (),
    ) -> None:
        """Hold a template.

        Args:
            source: The file.
            parameters: The values of parameters; others have their defaults.
            scope: The account and region that it pretends to be in.
            body: The processed content of the file.
            prefix: The beginning of names that would be others' without it.
            taken: The logical ids of the stacks before it.
        """
        self.scope = scope
        self.source = source
        self.base = source.path.parent
        self.warnings: list[Warned] = []
        self.children: dict[str, Stack] = {}
        self.exports: dict[str, tuple[Stack, Any]] = {}
        self.project: list[Stack] = [self]
        self.images: dict[str, tuple[Path, str]] = {}
        self.assets: dict[str, Path] = {}
        self.prefix = prefix
        self._taken = frozenset(taken)
        self._body = body
        self._names: dict[str, str] = {}
        self._undefined: dict[str, str] = {}
        self._evaluator = Evaluator(
            self._body, self._reference, self._attribute, self._export, self._resolve
        )
        self._parameters = {
            **pseudo_parameters(scope),
            **read_parameters(source, self._body, parameters),
        }
        bodies = self._body.get("Resources") or {}
        self._resources = {
            logical_id: Resource(self, logical_id, body)
            for logical_id, body in bodies.items()
            if isinstance(body, Mapping)
        }
        self._resources = {
            logical_id: resource
            for logical_id, resource in self._resources.items()
            if self.is_true(bodies[logical_id].get("Condition"), "Resources", logical_id)
        }

    def __getitem__(self, logical_id: str) -> Resource:
        return self._resources[logical_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._resources)

    def __contains__(self, logical_id: object) -> bool:
        return logical_id in self._resources

    def of_kind(self, *kinds: str) -> Iterator[Resource]:
        """Yield the resources of some types.

        Args:
            *kinds: The types; none for all resources.
        """
        yield from (x for x in self._resources.values() if not kinds or x.kind in kinds)

    def of_project(self, *kinds: str) -> Iterator[Resource]:
        """Yield the resources of some types, of all stacks of the project.

        Args:
            *kinds: The types.
        """
        for stack in self.project:
            yield from stack.of_kind(*kinds)

    def find(self, reference: Any, *kinds: str) -> Resource | None:
        """Return the resource that a ``Ref`` or ``Fn::GetAtt`` names.

        Args:
            reference: A value as the template has it: a reference, or what it resolves to.
            *kinds: The types that it may have.
        """
        if isinstance(reference, Mapping):
            target = reference.get("Ref")
            attribute = reference.get("Fn::GetAtt")
            if target is None and attribute:
                target = attribute[0] if isinstance(attribute, list) else str(attribute)
            found = self._resources.get(str(target))
            return found if found is not None and found.kind in kinds else None
        return next(
            (each for each in self.of_kind(*kinds) if reference in (each.id, each.name)), None
        )

    def evaluate(self, value: Any, keys: tuple[str, ...]) -> Any:
        """Return a value with all references in it resolved; None for no value.

        Args:
            value: A part of the template.
            keys: The keys that lead there.
        """
        result = self._evaluator.evaluate(value, keys, self._unknown)
        return None if result is NO_VALUE else result

    def is_true(self, condition: Any, *keys: str) -> bool:
        """Return whether a condition holds.

        Args:
            condition: The name, or None for none.
            *keys: The keys that lead to its use.
        """
        if not isinstance(condition, str):
            return True
        if condition not in (self._body.get("Conditions") or {}):
            self.warn(f"There is no condition {condition!r}: AWS refuses the template.", *keys)
            return True
        return bool(self.evaluate({"Condition": condition}, keys))

    def outputs(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the outputs whose conditions hold."""
        for name, output in (self._body.get("Outputs") or {}).items():
            if isinstance(output, Mapping) and self.is_true(
                output.get("Condition"), "Outputs", name
            ):
                yield name, output

    def output_values(self) -> dict[str, str]:
        """Return the values of the outputs; those that only AWS knows have placeholders."""
        values: dict[str, str] = {}
        for name, output in self.outputs():
            if "Export" in output and name.startswith(_CDK_EXPORT):
                continue
            value = self._evaluator.evaluate(output.get("Value"), ("Outputs", name), _not_said)
            if value is not NO_VALUE:
                values[name] = text_of(value)
        return values

    def resource_name(self, logical_id: str) -> str:
        """Return the name of a resource, or its logical id if it has none.

        Args:
            logical_id: The logical id of a resource that there is.
        """
        if logical_id not in self._names:
            resource = self._resources[logical_id]
            given = name_property(resource.kind)
            name = default_name(resource.kind, self._unique_id(logical_id))
            if "true" in (resource.text("FifoQueue"), resource.text("FifoTopic")):
                name += ".fifo"
            self._names[logical_id] = name  # for a name that refers to the resource itself
            self._names[logical_id] = (resource.text(given) if given else "") or name
        return self._names[logical_id]

    def place(self, *keys: str) -> Place:
        """Return where a part of the template is.

        Args:
            *keys: The keys that lead there.
        """
        name = self._unique_id(keys[1]) if len(keys) > 1 else ""
        return Place(path=self.source.path, line=line_of(self.source, keys), name=name)

    def warn(self, message: str, *keys: str) -> None:
        """Note what is not understood, or not served; once.

        Args:
            message: A sentence.
            *keys: The keys that lead there.
        """
        warned = Warned(message=message, place=self.place(*keys))
        if warned not in self.warnings:
            self.warnings.append(warned)

    def _unique_id(self, logical_id: str) -> str:
        """Return a logical id as it is known in the project, where other stacks may have it."""
        return f"{self.prefix}-{logical_id}" if logical_id in self._taken else logical_id

    def _reference(self, name: str) -> Any:
        if name in self._parameters:
            value = self._parameters[name]
            if isinstance(value, StoredParameter):
                return stored_value(value, self.of_project)
            if not isinstance(value, Unknown):
                return value
            if name in (self._body.get("Parameters") or {}):
                raise value
        return self._value(name, "")

    def _attribute(self, name: str, attribute: str) -> Any:
        if name in self.children and attribute.startswith("Outputs."):
            child, output = self.children[name], attribute.removeprefix("Outputs.")
            body = dict(child.outputs()).get(output)
            if body is not None:
                return child.evaluate(body.get("Value"), ("Outputs", output, "Value"))
        return self._value(name, attribute)

    def _value(self, name: str, attribute: str) -> Any:
        shown = f"{name}.{attribute}" if attribute else name
        resource = self._resources.get(name)
        if resource is None:
            self._undefined[shown] = tell_undefined(name, self.source.body, self._body)
            raise Unknown(shown)
        value = property_value(self.scope, resource.kind, attribute, resource.text)
        if value is None:
            value = resource_value(self.scope, resource.kind, resource.name, attribute)
        if value is None and not attribute and resource.text(name_property(resource.kind)):
            value = resource.name
        if value is None:
            raise Unknown(shown)
        return value

    def _export(self, name: str) -> Any:
        if name not in self.exports:
            raise Unknown(name)
        stack, value = self.exports[name]
        return stack.evaluate(value, ("Outputs",))

    def _resolve(self, reference: str) -> str | None:
        return resolve(reference, self.of_project)

    def _unknown(self, what: str, placeholder: str, keys: tuple[str, ...]) -> None:
        declared = self._body.get("Parameters") or {}
        hint = f": set it with --parameter {what}=VALUE" if what in declared else ""
        known = f"Only AWS knows {what}, which is {placeholder!r} here{hint}."
        self.warn(self._undefined.get(what) or known, *keys)


def _not_said(*_: object) -> None:
    """Let it pass that only AWS knows a value."""
