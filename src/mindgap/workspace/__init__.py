"""The front door for Python: one folder, one business.

Everything that the command line, the HTTP API and the console do goes through Workspace.
"""

from mindgap.workspace.core import Workspace
from mindgap.workspace.opening import open  # noqa: A004 - the front door's verb

__all__ = ["Workspace", "open"]
