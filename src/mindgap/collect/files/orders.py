"""What is special about order lines: direction, amount, discount, and an order's id where there is none."""

from mindgap.collect.files import expressions as sql
from mindgap.collect.files.facts import Decisions, Reading
from mindgap.kernel.quoting import literal


def order_values(reading: Reading, decisions: Decisions) -> dict[str, str]:
    """SQL for the columns of orders that are not simply read, over the step `parsed`."""
    quantity = "n_quantity" if "quantity" in reading.cells else "1.0"
    amount = _amount(reading, decisions, quantity)
    values = {
        "quantity": f"abs({quantity})",
        "amount": f"abs({amount})",
        "kind": _kind(reading, decisions, quantity=quantity, amount=amount),
        "order_id": _order_id(reading, decisions),
    }
    if "discount" in reading.cells:
        values["discount"] = _discount(decisions, amount)
    return values


def _amount(reading: Reading, decisions: Decisions, quantity: str) -> str:
    """What the line came to, signed: as given, else price times quantity."""
    unit = {field for field in ("unit_price", "amount") if _is_unit(field, decisions)}
    totals = [
        f"n_{field}" for field in ("amount", "unit_price") if field in reading.cells and field not in unit
    ]
    products = [
        f"n_{field} * {quantity}"
        for field in ("unit_price", "amount")
        if field in reading.cells and field in unit
    ]
    return f"coalesce({', '.join([*totals, *products])})" if totals or products else "null::double"


def _is_unit(field: str, decisions: Decisions) -> bool:
    match decisions.amount_is:
        case "unit_price":
            return True
        case "line_total":
            return False
        case None:
            return field == "unit_price"


def _discount(decisions: Decisions, amount: str) -> str:
    """Money taken off; a rate is taken of what the line would have cost without it."""
    if not decisions.discount_is_rate:
        return "abs(n_discount)"
    return f"case when n_discount < 1 then abs({amount}) * n_discount / (1 - n_discount) end"


def _kind(reading: Reading, decisions: Decisions, *, quantity: str, amount: str) -> str:
    back = [f"{quantity} < 0", f"coalesce({amount}, 0) < 0"]
    if decisions.credit_notes:
        back.append("coalesce(regexp_full_match(t_order_id, '[Cc]\\d+'), false)")
    cancelled = "false"
    if "status" in reading.cells:
        if "return" in reading.cells["status"].label.lower() or "退" in reading.cells["status"].label:
            back.append(f"coalesce({sql.is_word('t_status', 'set_flags')}, false)")
        back.append(f"coalesce({sql.is_word('t_status', 'returned')}, false)")
        cancelled = f"coalesce({sql.is_word('t_status', 'cancelled')}, false)"
    return f"case when {cancelled} then 'cancelled' when {' or '.join(back)} then 'return' else 'sale' end"


def _order_id(reading: Reading, decisions: Decisions) -> str:
    """The order's id, else one made of customer and moment (or day), else one per row."""
    zone = reading.options.time_zone
    local = "m_ordered_at" if zone == "UTC" else f"timezone({literal(zone)}, timezone('UTC', m_ordered_at))"
    moment = f"strftime({local}, '{'%Y-%m-%dT%H:%M:%S' if decisions.has_clock else '%Y-%m-%d'}')"
    rest = ", ".join(f"coalesce(t_{field}::varchar, chr(30))" for field in reading.cells)
    alone = f"left(md5(concat_ws(chr(31), {rest})), 16)"
    who = f"coalesce(t_customer_id, {alone})" if "customer_id" in reading.cells else alone
    derived = f"{who} || '~' || {moment}"
    return f"coalesce(t_order_id, {derived})" if "order_id" in reading.cells else derived
