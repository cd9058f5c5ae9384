"""Commands that print what the last run found out."""

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from mindgap.cli.output import AsJson, Folder, console, print_dicts, print_json, print_rows
from mindgap.cli.words import Speaker, language
from mindgap.kernel.words import say

_TABLES = {
    "value": ("customer_value", "Expected orders and revenue of every customer."),
    "churn": ("inactivity_risk", "Risk that a customer buys nothing in the next weeks."),
    "demand": ("demand_forecast", "Demand forecast by category."),
    "rules": ("rules", "What is bought together."),
    "satisfaction": ("satisfaction", "CSAT, NPS, CES and reviews, with intervals."),
}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for name, (source, summary) in _TABLES.items():
        app.command(name, help=summary)(_table_command(source, summary))
    for command in (segments, gap, customer, recommend, similar, evaluate, table):
        app.command()(command)


def _table_command(name: str, summary: str):  # noqa: ANN202 - typer reads the inner signature
    def command(
        directory: Folder = ".",
        as_json: AsJson = False,
        limit: Annotated[int, typer.Option(help="Rows to show on a terminal.")] = 30,
    ) -> None:
        from mindgap.workspace import open as open_workspace  # noqa: PLC0415 - engines are slow to import

        workspace = open_workspace(directory, actor="cli", create=False)
        wished = language(workspace.settings.language)
        title = say(f"cli-title-{name.replace('_', '-')}", wished)
        print_rows(workspace.table(name), title=title, as_json=as_json, limit=limit, wished=wished)

    command.__doc__ = summary
    return command


def table(
    name: Annotated[str, typer.Argument(help="A table; without a name, all are listed.")] = "",
    directory: Folder = ".",
    purpose: Annotated[str, typer.Option(help="Why it is read; recorded.")] = "analytics",
    as_json: AsJson = False,
) -> None:
    """Print any table, or list them all."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    if name:
        wished = language(workspace.settings.language)
        print_rows(workspace.table(name, purpose=purpose), title=name, as_json=as_json, wished=wished)
        return
    listed = [{"table": key, "one row": grain} for key, grain in workspace.tables().items()]
    if as_json:
        print_json(listed)
    else:
        print_dicts(listed, wished=language(workspace.settings.language))


def segments(directory: Folder = ".", as_json: AsJson = False) -> None:
    """Segments of customers, with their profiles in words."""
    from mindgap.cli.summary import print_segments  # noqa: PLC0415 - engines are slow to import
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    profiles = workspace.table("segment_profiles")
    if as_json:
        print_rows(profiles, title="", as_json=True)
    else:
        print_segments(workspace, profiles.to_pylist())


def gap(
    customer: Annotated[str, typer.Option(help="One customer's gap instead of the business's.")] = "",
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """The information gap, in bits."""
    from mindgap.cli.customer import print_customer_gap  # noqa: PLC0415
    from mindgap.cli.summary import print_gap  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    answer = workspace.gap(customer or None)
    if as_json:
        print_json(answer)
    elif customer:
        print_customer_gap(workspace, answer)
    else:
        print_gap(workspace, answer)


def customer(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer, as the sources name it.")],
    directory: Folder = ".",
    purpose: Annotated[str, typer.Option(help="Why it is read; recorded.")] = "service",
    with_timeline: Annotated[
        bool, typer.Option("--timeline", help="What happened on every channel instead, newest first.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Of the timeline: how much.", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """One customer, whole: features, segment, risk, value, interests, recent orders."""
    from mindgap.cli.customer import print_customer, print_timeline  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    if with_timeline:
        happened = workspace.timeline(customer_id, purpose=purpose, limit=limit)
        if as_json:
            print_json([asdict(one) for one in happened])
        else:
            print_timeline(workspace, happened)
        return
    answer = workspace.customer(customer_id, purpose=purpose)
    if as_json:
        print_json(answer)
    else:
        print_customer(workspace, answer)


def recommend(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer, as the sources name it.")],
    k: Annotated[int, typer.Option("--k", "-k", help="How many.", min=1, max=1000)] = 10,
    kind: Annotated[
        Literal["mixed", "repeat", "discover"], typer.Option("--list", help="Which list.")
    ] = "mixed",
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """What to offer a customer next, and why."""
    from mindgap.cli.customer import print_recommendations, recommendations_as_dicts  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    items = workspace.recommend(customer_id, k=k, kind=kind)
    if as_json:
        print_json(recommendations_as_dicts(items))
    else:
        print_recommendations(workspace, items)


def similar(
    product_id: Annotated[str, typer.Argument(metavar="ID", help="The product, as the sources name it.")],
    k: Annotated[int, typer.Option("--k", "-k", help="How many.", min=1, max=1000)] = 10,
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """Products that are like another, by title, category and brand."""
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    rows = [asdict(one) for one in workspace.similar(product_id, k=k)]
    if as_json:
        print_json(rows)
    else:
        print_dicts(rows, wished=language(workspace.settings.language))


def evaluate(
    task: Annotated[str, typer.Argument(help="One task; all by default.")] = "",
    directory: Folder = ".",
    as_json: AsJson = False,
) -> None:
    """How good every model is on held-out time, beside its baseline."""
    from mindgap.cli.summary import print_evaluations  # noqa: PLC0415
    from mindgap.workspace import open as open_workspace  # noqa: PLC0415

    workspace = open_workspace(directory, actor="cli", create=False)
    figures = workspace.evaluate(task or None)
    if as_json:
        print_json(figures)
        return
    print_evaluations(workspace, figures)
    console.print(Speaker(workspace)("cli-evaluate-how"))
