"""Mindgap measures what a business and its customers do not know of each other, and closes the gap.

    import mindgap as mg
    ws = mg.open("shop")          # a workspace folder
    ws.add("orders.csv")          # any export; columns are recognised
    ws.run()                      # everything that is out of date
    ws.gap()                      # the information gap, in bits
    ws.customer("1042")           # one customer, whole
    ws.recommend("1042", k=5)     # what next, and why

Imports are lazy: `import mindgap` loads no engine and no model.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mindgap.kernel.errors import CannotSay, MindgapError
    from mindgap.kernel.purposes import Purpose
    from mindgap.workspace import Workspace, demo, open, run  # noqa: A004 - the front door's verb

__all__ = ["CannotSay", "MindgapError", "Purpose", "Workspace", "__version__", "demo", "open", "run"]

_HOME = {
    "CannotSay": "mindgap.kernel.errors",
    "MindgapError": "mindgap.kernel.errors",
    "Purpose": "mindgap.kernel.purposes",
    "Workspace": "mindgap.workspace",
    "demo": "mindgap.workspace",
    "open": "mindgap.workspace",
    "run": "mindgap.workspace",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'mindgap' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
