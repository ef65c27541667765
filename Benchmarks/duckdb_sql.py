"""Peer: DuckDB, the whole panel as one COPY; noise by Box and Muller."""

from pathlib import Path

import duckdb
import pandas as pd

import panel


def label_sql(name: str, weights: dict[str, float], column: str) -> str:
    """The label whose cumulative weight the server's draw falls under."""
    labels = list(weights)
    bound, branches = 0.0, []
    for label in labels[:-1]:
        bound += weights[label]
        branches.append(f"when {column} < {bound} then '{label}'")
    return f"case {' '.join(branches)} else '{labels[-1]}' end as {name}"


def metric_sql(metric: panel.Metric, float_type: str) -> str:
    noise = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"
    level = f"({metric.mean} + {metric.std} * {noise}) * factor_{metric.name} + bias_{metric.name}"
    outlier = f"case when random() < {panel.OUTLIER_RATE} then {panel.OUTLIER_MULTIPLIER} else 1 end"
    clipped = f"greatest({metric.low}, least({metric.high}, ({level}) * {outlier}))"
    value = f"{clipped if panel.DECIMALS is None else f'round({clipped}, {panel.DECIMALS})'}::{float_type}"
    return f"case when random() >= {panel.MISSING_RATE} then {value} end as {metric.name}"


def bias_sql(metric: panel.Metric) -> str:
    return f"{metric.bias_std} * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) as bias_{metric.name}"


def write(servers: int, folder: Path, float_type: str) -> None:
    with duckdb.connect() as connection:
        copy_panel(connection, servers, str(folder / "panel.parquet"), float_type)


def copy_panel(connection: duckdb.DuckDBPyConnection, servers: int, target: str, float_type: str) -> None:
    """`target` is a path, or an address of a file system that the connection knows."""
    days = pd.DataFrame({"date": panel.DATES} | {f"factor_{metric.name}": panel.day_factors(metric) for metric in panel.METRICS})
    names = [metric.name for metric in panel.METRICS]
    connection.execute("set threads = 2; set preserve_insertion_order = false")
    connection.execute("select setseed(0.42)").fetchall()
    connection.register("day_frame", days)
    connection.execute("create temp table days as select * replace (date::timestamp as date) from day_frame")
    draws = ", ".join(f"random() as draw_{name}" for name in panel.LABELS)
    labels = ", ".join(label_sql(name, weights, f"draw_{name}") for name, weights in panel.LABELS.items())
    biases = ", ".join(bias_sql(metric) for metric in panel.METRICS)
    connection.execute(f"""
        create temp table servers as
        select printf('SRV-%04d', number) as server_id, {labels}, {", ".join(f"bias_{name}" for name in names)}
        from (select number, {draws}, {biases} from range(1, {servers + 1}) numbers(number))
    """)
    metrics = ", ".join(metric_sql(metric, float_type) for metric in panel.METRICS)
    connection.execute(f"""
        copy (select server_id, date, {", ".join(panel.LABELS)}, {metrics} from servers cross join days)
        to '{target}' (format parquet, compression zstd)
    """)


if __name__ == "__main__":
    panel.run_peer(write)
