"""The tracking plan: which properties an event must have, one JSON Schema an event."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema_rs

from mindgap.kernel.errors import SettingsError

# patterns of a plan must not be able to make one message take minutes
_LINEAR = jsonschema_rs.RegexOptions()


@dataclass(frozen=True, slots=True)
class TrackingPlan:
    """Schemas by event name or, for what is no track, by type; names in lower case.

    Attributes:
        schemas: Each checks an event's properties, or the traits of identify and group.
    """

    schemas: Mapping[str, jsonschema_rs.Validator] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether it says anything of an event."""
        return name.lower() in self.schemas

    def breach(self, name: str, properties: Mapping[str, Any]) -> str:
        """Where in its schema an event breaks the plan; empty when it keeps to it or has no schema.

        The path names the rule, never what the event holds.
        """
        schema = self.schemas.get(name.lower())
        if schema is None or schema.is_valid(properties):
            return ""
        error = next(iter(schema.iter_errors(properties)))
        return "/".join(str(step) for step in error.schema_path)


def read_plan(folder: Path) -> TrackingPlan:
    """The plan of a folder: `Order Completed.json` is the schema of the event Order Completed.

    Raises:
        SettingsError: The folder or a schema cannot be read.
    """
    if not folder.is_dir():
        raise SettingsError(
            f"There is no tracking plan in {folder}.", hint="Correct `plan` in mindgap.toml, or take it out."
        )
    return TrackingPlan({path.stem.lower(): _schema(path) for path in sorted(folder.glob("*.json"))})


def _schema(path: Path) -> jsonschema_rs.Validator:
    try:
        return jsonschema_rs.validator_for(
            json.loads(path.read_bytes()), offline=True, pattern_options=_LINEAR
        )
    except (OSError, ValueError, jsonschema_rs.ReferencingError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise SettingsError(
            f"{path} is no JSON Schema: {reason}.", hint="Correct it; schemas cannot refer to the network."
        ) from error
