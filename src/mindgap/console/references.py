"""Opaque references to customers, as pages ask for them; whoever composes the server hands them in."""

from typing import Protocol


class References(Protocol):
    """Opaque references to customers."""

    def of(self, customer_id: str) -> str:
        """The reference of a customer."""
        ...

    def customer_id(self, reference: str) -> str:
        """The customer of a reference.

        Raises:
            UnknownError: There is none.
        """
        ...
