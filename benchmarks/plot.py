"""The wall clock as bars, in SVG that is written here: four shapes need no plotting library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from benchmarks.samples import Spread

__all__ = ["as_svg"]

_LABELS, _BARS, _VALUES = 250, 420, 170
_ROW, _TITLE, _GAP = 18, 34, 14
_COLOURS = {"ours": "#1b6e3c", "model": "#b9b9b9", "floor": "#8fa7c4"}
_OTHER = "#4a6fa5"

Rows = Iterable[tuple[str, Mapping[str, Spread]]]


def as_svg(title: str, rows: Rows, workloads: Iterable[str]) -> str:
    """Return one panel per workload, each with a scale of its own that begins at 0."""
    listed = list(rows)
    parts, y = [_text(10, 24, title, size=16)], 44
    for workload in workloads:
        bars = [(name, row[workload]) for name, row in listed if workload in row]
        parts += _panel(workload, bars, y)
        y += _TITLE + _ROW * len(bars) + _GAP
    width = _LABELS + _BARS + _VALUES
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" font-family="sans-serif">\n'
        f'<rect width="{width}" height="{y}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(workload: str, bars: list[tuple[str, Spread]], y: float) -> list[str]:
    scale = _BARS / max([spread.most for _, spread in bars] or [1])
    parts = [_text(10, y + 20, f"{workload}, seconds", size=14)]
    for number, (name, spread) in enumerate(bars):
        parts += _bar(name, spread, scale, y + _TITLE + number * _ROW)
    return parts


def _bar(name: str, spread: Spread, scale: float, y: float) -> list[str]:
    least, middle, most = (_LABELS + scale * one for one in (spread.least, spread.median, spread.most))
    line = y + _ROW / 2 - 2
    return [
        _text(_LABELS - 6, y + 11, name, anchor="end"),
        f'<rect x="{_LABELS}" y="{y}" width="{middle - _LABELS:.1f}" height="{_ROW - 4}" fill="{_colour(name)}"/>',
        f'<path d="M{least:.1f} {line}H{most:.1f}" stroke="black" stroke-width="1.5"/>',
        _text(most + 6, y + 11, f"{spread.median:.1f} ({spread.least:.1f} to {spread.most:.1f})"),
    ]


def _colour(name: str) -> str:
    if name in {"floor", "terraform-count", "terraform-for-each"}:
        return _COLOURS["floor"]
    return _COLOURS.get("model" if name.endswith("(model)") else name, _OTHER)


def _text(x: float, y: float, text: str, *, size: int = 11, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(text)}</text>'
