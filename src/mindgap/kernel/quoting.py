"""Texts and names as SQL writes them."""


def literal(value: object) -> str:
    """A text, or a path, as an SQL literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + str(value).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """The name of a column or table, whatever is in it.

    >>> quoted("a b")
    '"a b"'
    """
    return '"' + name.replace('"', '""') + '"'
