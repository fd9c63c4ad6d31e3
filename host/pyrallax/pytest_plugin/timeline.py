"""The way of a machine to its prompt as a picture: SVG, one row per stage."""

from html import escape

_WIDTH, _ROW, _LABEL, _RIGHT = 760, 18, 110, 150  # pixels
_PLOT = _WIDTH - _LABEL - _RIGHT
_COLOURS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#a463f2", "#9c6b4e")


def _time(us: float) -> str:
    if us < 1000:
        return f"{us:.0f} µs"
    return f"{us / 1000:.1f} ms" if us < 1_000_000 else f"{us / 1_000_000:.2f} s"


def svg(stages: list[tuple[str, int]]) -> str:
    """A picture of [(stage, µs since the first)]; each bar ends when the stage was reached."""
    end = max((us for _, us in stages), default=0) or 1
    height = _ROW * len(stages) + 6
    rows = []
    before = 0
    for number, (name, us) in enumerate(stages):
        left, width = _LABEL + before / end * _PLOT, max(1.0, (us - before) / end * _PLOT)
        top = number * _ROW
        rows.append(
            f'<text x="{_LABEL - 6}" y="{top + 13}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{left:.1f}" y="{top + 2}" width="{width:.1f}" height="{_ROW - 4}" '
            f'fill="{_COLOURS[number % len(_COLOURS)]}"/>'
            f'<text x="{left + width + 5:.1f}" y="{top + 13}">{_time(us)}'
            f" (+{_time(us - before)})</text>"
        )
        before = us
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12" '
        f'fill="currentColor">{"".join(rows)}</svg>'
    )


def figure(boot: dict) -> str:
    """A boot as ManagedVm.boots tells of it, with its picture."""
    caption = (
        f"{boot['name']} ({boot['kind']}): at the prompt {boot['host_s']:.2f} s after its start "
        f"by the host's clock; by its own:"
    )
    picture = svg(boot["stages"]) if boot["stages"] else "<p>no stamps</p>"
    return f'<figure class="boot"><figcaption>{escape(caption)}</figcaption>{picture}</figure>'
