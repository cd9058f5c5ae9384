"""Customers who are worth looking after: their risk is not low, and much is expected of them."""

from dataclasses import dataclass

from mindgap.kernel.purposes import Purpose
from mindgap.workspace.face import Workspace

_BANDS = frozenset({"medium", "high"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """A customer whose risk of falling silent is medium or high.

    Attributes:
        customer_id: Who.
        risk: Of buying nothing within the horizon (0-1).
        band: medium or high.
        expected_revenue: In the workspace's currency, over the horizon of the value model.
    """

    customer_id: str
    risk: float
    band: str
    expected_revenue: float


def customers_at_risk(workspace: Workspace) -> list[AtRisk]:
    """Customers of medium and high risk, most revenue at stake (risk times expected revenue) first.

    Raises:
        CannotSay: Risk or value cannot be said.
        UnknownError: Nothing has been run yet.
    """
    purpose = Purpose.ANALYTICS
    risks = workspace.table("inactivity_risk", purpose=purpose, columns=["customer_id", "risk", "band"])
    values = workspace.table("customer_value", purpose=purpose, columns=["customer_id", "expected_revenue"])
    worth = dict(zip(values["customer_id"].to_pylist(), values["expected_revenue"].to_pylist(), strict=True))
    columns = (risks[name].to_pylist() for name in ("customer_id", "risk", "band"))
    found = [
        AtRisk(customer_id=name, risk=risk, band=band, expected_revenue=worth.get(name) or 0.0)
        for name, risk, band in zip(*columns, strict=True)
        if band in _BANDS
    ]
    return sorted(found, key=lambda one: (-one.risk * one.expected_revenue, one.customer_id))
