"""The OpenAPI document of the JSON API, generated from its operations and their types."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from mindgap.api.operations import Operation
from mindgap.api.problems import Problem

PREFIX = "/api/v1"
_REFERENCE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)}")


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    types = [Problem, *(one.answer for one in operations), *(one.body for one in operations if one.body)]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    described = dict(zip(map(str, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one, described)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mindgap", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "mindgap"},
            },
        },
    }


def _operation(one: Operation, described: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "security": [{"key": [one.scope.value]}, {"session": []}],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(one.path)
        ],
        "responses": {
            "200": {
                "description": "OK",
                "content": {"application/json": {"schema": described[str(one.answer)]}},
            },
            "default": {
                "description": "Problem",
                "content": {"application/problem+json": {"schema": described[str(Problem)]}},
            },
        },
    }
    if one.body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": described[str(one.body)]}},
        }
    return found
