"""Validates answers against a Swagger 2.0 description: status codes, types, required and undocumented fields."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator, FormatChecker

Schema = dict[str, Any]
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or TIME.match(value) is not None


def description(version: str) -> Description:
    """The description of a Harbor version; skips the test where there is none."""
    folder = os.environ.get("HARBORTUI_SPECS", "")
    path = Path(folder) / f"harbor-{'.'.join(version.lstrip('v').split('.')[:2])}.yaml"
    if not folder or not path.exists():
        pytest.skip("HARBORTUI_SPECS names no API description of this version")
    return _load(path)


@functools.cache
def _load(path: Path) -> Description:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Description(yaml.load(path.read_text(encoding="utf-8"), Loader=loader))


class Description:
    """One description. `loose` turns definitions into what the real server sends where it violates them."""

    def __init__(self, data: Schema) -> None:
        self._data = data
        self._definitions = {name: strict(schema) for name, schema in data["definitions"].items()}
        self._responses = data.get("responses", {})
        # A filter's value is described as an object up to 2.15; the server sends the text it was given.
        self._definitions["ReplicationFilter"]["properties"]["value"] = {}
        # Described as objects, sent as what the image's configuration holds: texts, times, lists.
        self._definitions["ExtraAttrs"] = {"type": "object"}
        # A retention rule's parameters are numbers, although described as objects.
        self._definitions["RetentionRule"]["properties"]["params"] = {"type": "object"}

    def operation(self, method: str, path: str) -> Schema:
        """The operation whose template fits; parameter names do not matter."""
        wanted = re.sub(r"\{[^}]+\}", "{}", path)
        for template, item in self._data["paths"].items():
            if re.sub(r"\{[^}]+\}", "{}", template).rstrip("/") == wanted:
                found = item.get(method.lower())
                if found is not None:
                    return found  # type: ignore[no-any-return]
        raise AssertionError(f"{method} {path} is not described")

    def statuses(self, method: str, path: str) -> set[int]:
        """The documented statuses."""
        return {int(status) for status in self.operation(method, path)["responses"]}

    def problems(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with the body of an answer; the body of an undocumented status is checked as an error's."""
        response = self.operation(method, path)["responses"].get(str(status), {"$ref": "#/responses/500"})
        if "$ref" in response:
            response = self._responses[response["$ref"].rsplit("/", 1)[1]]
        schema = response.get("schema")
        if schema is None:
            return []
        root = {**strict(schema), "definitions": self._definitions}
        validator = Draft4Validator(root, format_checker=FORMATS)
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(body)]


def strict(schema: Any) -> Any:
    """A JSON schema that refuses undocumented fields.

    A described array may be null: go-swagger's models write a nil slice as null, and so does the real server
    (artifact.labels, .references, .accessories, .tags).
    """
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        reference = {"$ref": schema["$ref"]}
        return {"anyOf": [reference, {"type": "null"}]} if schema.get("x-nullable") else reference
    kept = {key: strict(value) for key, value in schema.items() if key not in ("example", "description", "default")}
    if "properties" in schema:
        kept["properties"] = {name: strict(value) for name, value in schema["properties"].items()}
        kept.setdefault("additionalProperties", False)
    nullable = schema.get("x-nullable") or schema.get("type") == "array"
    if nullable and isinstance(schema.get("type"), str):
        kept["type"] = [schema["type"], "null"]
    return kept
