"""A hardware report as one self-contained HTML page: no script, nothing fetched."""

from html import escape
from typing import Any

from .text import Section, sections

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem;
       padding: 0 1rem; }
nav { columns: 12rem; margin: 1rem 0 2rem; }
nav a { display: block; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: .15rem .9rem .15rem 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
td, pre, li { font-family: ui-monospace, monospace; font-size: 13px; overflow-wrap: anywhere; }
pre { overflow-x: auto; }
summary { cursor: pointer; }
"""


def _table(section: Section) -> str:
    if not section.rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in section.columns)
    rows = (
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in section.rows
    )
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{''.join(rows)}</table>"


def _section(section: Section) -> str:
    parts = [f'<h2 id="{escape(section.title)}">{escape(section.title)}</h2>', _table(section)]
    if section.notes:
        parts.append("<ul>" + "".join(f"<li>{escape(n)}</li>" for n in section.notes) + "</ul>")
    for title, dump in section.dumps:
        parts.append(
            f"<details><summary>{escape(title)}</summary><pre>{escape(dump)}</pre></details>"
        )
    return "\n".join(part for part in parts if part)


def render(report: dict[str, Any]) -> str:
    """The page, UTF-8 text."""
    machine = report["machine"]
    name = " ".join(machine.get(key, "") for key in ("vendor", "product")).strip()
    title = f"Hardware report: {name or 'an unknown machine'}"
    parts = list(sections(report))
    links = "".join(f'<a href="#{escape(p.title)}">{escape(p.title)}</a>' for p in parts)
    body = "\n".join(_section(part) for part in parts)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n<nav>{links}</nav>\n{body}\n</body></html>\n"
    )
