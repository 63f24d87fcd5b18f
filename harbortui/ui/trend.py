"""The past in plain characters: sparklines with their gaps, charts of some lines, growth and forecasts in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harbortui.model.history import Forecast, Outlook, Since, Trend
from harbortui.ui import words
from harbortui.ui.symbols import LEVELS, UNICODE

GAP = UNICODE.dot
"""Where nobody looked; the lowest level is another character, so that a gap never looks like a small value."""
GAP_TOLD = f"{GAP} nobody looked"
WEEK = 7.0
SOON = 14.0
"""Days until a bucket is full from which on it deserves a colour."""

Values = Sequence[float | None]
_DAY = 86_400.0


def fold(values: Values, cells: int, how: Callable[[Sequence[float]], float] = max) -> list[float | None]:
    """The values in at most ``cells`` cells; a cell is a gap only where all of its values are."""
    count = len(values)
    if count <= cells:
        return list(values)
    folded: list[float | None] = []
    for cell in range(cells):
        seen = [each for each in values[cell * count // cells : (cell + 1) * count // cells] if each is not None]
        folded.append(how(seen) if seen else None)
    return folded


def last(values: Sequence[float]) -> float:
    """The newest of some values."""
    return values[-1]


def spark(values: Values, low: float, high: float) -> str:
    """One character for each value, between the lowest and the full block."""
    return "".join(GAP if each is None else LEVELS[_level(each, low, high, len(LEVELS)) - 1] for each in values)


def spark_of(values: Values) -> str:
    """The same between the least and the most of the values; half-way where they are all alike."""
    seen = [each for each in values if each is not None]
    if not seen:
        return GAP * len(values)
    low, high = min(seen), max(seen)
    return spark(values, low, high) if high > low else spark(values, low - 1, high + 1)


def chart(values: Values, low: float, high: float, height: int) -> list[str]:
    """The values as bars over ``height`` lines, the topmost first; gaps stand on the lowest line."""
    steps = len(LEVELS)
    levels = [None if each is None else _level(each, low, high, steps * height) for each in values]
    lines = []
    for line in reversed(range(height)):
        floor = line * steps
        cells = []
        for level in levels:
            if level is None:
                cells.append(GAP if line == 0 else " ")
            else:
                rest = min(steps, level - floor)
                cells.append(LEVELS[rest - 1] if rest > 0 else " ")
        lines.append("".join(cells))
    return lines


def _level(value: float, low: float, high: float, steps: int) -> int:
    """1 to ``steps``."""
    share = (value - low) / (high - low) if high > low else 0.0
    return max(1, min(steps, round(share * (steps - 1)) + 1))


def growth(trend: Trend) -> str:
    """Bytes a week with their sign; ``steady`` where it may as well be none."""
    if trend.low <= 0 <= trend.high:
        return "steady"
    return signed(trend.per_day * WEEK)


def signed(count: float) -> str:
    """Bytes with a sign."""
    return f"{'+' if count >= 0 else '-'}{words.size(abs(count))}"


def growth_words(trend: Trend) -> str:
    """Growth with its range."""
    span = f"{signed(trend.low * WEEK)} to {signed(trend.high * WEEK)}"
    if trend.low <= 0 <= trend.high:
        return f"steady ({span} a week)"
    return f"{signed(trend.per_day * WEEK)} a week ({span})"


def is_soon(forecast: Forecast | None, now: float) -> bool:
    """True when the limit is reached, or may be within two weeks."""
    if forecast is None or forecast.outlook is Outlook.REACHED:
        return forecast is not None
    return forecast.at is not None and forecast.at - now < SOON * _DAY


def forecast_words(forecast: Forecast, now: float) -> str:
    """When the limit is reached, with the range, in weeks; in days when it is near."""
    if forecast.outlook is not Outlook.FILLING or forecast.at is None:
        return {
            Outlook.SHORT: "not told: too little data yet",
            Outlook.STEADY: "not growing",
            Outlook.BEYOND: "not told: further away than the data can tell",
        }.get(forecast.outlook, "the limit is reached")
    near = forecast.at - now < SOON * _DAY
    unit = "day" if near else "week"

    def count(moment: float) -> int:
        return max(0, round((moment - now) / _DAY / (1 if near else WEEK)))

    earliest = count(forecast.earliest if forecast.earliest is not None else forecast.at)
    latest = str(count(forecast.latest)) if forecast.latest is not None else "never"
    return f"in about {words.plural(count(forecast.at), unit)} ({earliest} to {latest})"


def sureness(forecast: Forecast, now: float) -> str:
    """How sure a time is, by how wide its range is; empty where no time is told."""
    if forecast.outlook is not Outlook.FILLING or forecast.at is None:
        return ""
    earliest = forecast.earliest if forecast.earliest is not None else forecast.at
    if forecast.latest is None or forecast.latest - earliest > 1.5 * max(_DAY, forecast.at - now):
        return "unsure"
    return "likely" if forecast.latest - earliest <= 0.5 * max(_DAY, forecast.at - now) else "roughly"


def lasted(since: Since, now: float) -> str:
    """For how long a state lasts; ``>`` where it may have begun before anybody looked."""
    return f"{'>' if since.earliest is None else ''}{words.since(since.since, now)}"


def since_words(since: Since) -> str:
    """Since when, with what is not known of it."""
    told = f"{since.state} since {words.moment(since.since)}"
    if since.earliest is None:
        told += ", or longer: the history begins there"
    elif since.since - since.earliest > 120:
        told += f", not before {words.moment(since.earliest)}"
    if since.unseen >= 60:
        told += f"; nobody looked for {words.roughly(since.unseen)} of it"
    return told
