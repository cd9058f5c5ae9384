"""Small order files for tests."""

from datetime import datetime

NOW = datetime(2025, 6, 1)
HEADER = "order,customer,product,product name,date,qty,amount"


def lines(count: int, product: str = "Tea") -> list[str]:
    """Order lines, all different; the day and the minute tell them apart."""
    return [
        f"{1000 + at // 2},c{at % 7},p{at % 5},{product},"
        f"2024-{1 + at // 28 % 12:02d}-{1 + at % 28:02d} 10:{at % 60:02d}:00,"
        f"{7 if at == 3 else 1 + at % 4},{at % 90}.25"
        for at in range(count)
    ]


def orders(count: int, product: str = "Tea") -> str:
    """A whole file."""
    return "\n".join([HEADER, *lines(count, product)]) + "\n"
