"""The front door for Python: one folder, one business.

Everything that the command line, the HTTP API and the console do goes through Workspace.
"""

from mindgap.workspace.core import Workspace
from mindgap.workspace.opening import demo, open, run  # noqa: A004 - the front door's verb

__all__ = ["Workspace", "demo", "open", "run"]
