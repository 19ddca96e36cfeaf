"""Files beside a template that it includes: by ``AWS::Include``, and as definitions of APIs.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lambda_emulator._project.template_file import read_document

_TRANSFORMS = ("Fn::Transform", "Transform")
_APIS = ("AWS::Serverless::Api", "AWS::Serverless::HttpApi")


class Includes:
    """Puts files that a template includes into their places.

    Attributes:
        files: The files that were included.
    """

    def __init__(self, folder: Path) -> None:
        """Include files.

        Args:
            folder: The folder that their paths start from.
        """
        self.files: list[Path] = []
        self._folder = folder

    def resolve(self, value: Any) -> Any:
        """Return a part of a template with the files in it; those in S3 are left as they are.

        Args:
            value: The part.

        Raises:
            ProjectError: A file cannot be read.
        """
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        resolved = {key: self.resolve(each) for key, each in value.items()}
        for key in _TRANSFORMS:
            if (path := self._local(_location(resolved.get(key)))) is not None:
                del resolved[key]
                included = self._read(path)
                resolved = {**included, **resolved} if isinstance(included, Mapping) else included
                break
        return self._with_definition(resolved)

    def _with_definition(self, resource: Any) -> Any:
        """Return a resource with the definition of its API, which may be a file."""
        if not isinstance(resource, dict) or resource.get("Type") not in _APIS:
            return resource
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            return resource
        location = properties.get("DefinitionUri")
        if not isinstance(location, str) or "://" in location:
            return resource
        rest = {key: each for key, each in properties.items() if key != "DefinitionUri"}
        definition = self._read(self._folder / location)
        return {**resource, "Properties": {**rest, "DefinitionBody": definition}}

    def _local(self, location: Any) -> Path | None:
        if not isinstance(location, str) or "://" in location:
            return None
        path = self._folder / location
        return path if path.is_file() else None

    def _read(self, path: Path) -> Any:
        self.files.append(path)
        return self.resolve(read_document(path))


def _location(transform: Any) -> Any:
    """Return where the file of a transform is, if it includes one."""
    if not isinstance(transform, Mapping) or transform.get("Name") != "AWS::Include":
        return None
    parameters = transform.get("Parameters")
    return parameters.get("Location") if isinstance(parameters, Mapping) else None
