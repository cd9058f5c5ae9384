"""A sample of rows that any engine draws alike: by the hash of a key."""

_PARTS = 1_000_000


def hashed(key: str, *, of: int, wanted: int) -> str:
    """A condition that about so many rows meet; all of them where there are no more.

    Args:
        key: A column of texts; rows that share a key are drawn together.
        of: How many rows there are.
        wanted: How many to draw.

    >>> hashed("customer_id", of=4_000_000, wanted=100_000)
    'row_hash(customer_id) % 1000000 < 25000'
    """
    return f"row_hash({key}) % {_PARTS} < {-(-_PARTS * min(wanted, of) // max(of, 1))}"
