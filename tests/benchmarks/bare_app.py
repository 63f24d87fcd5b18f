"""The yardstick of start-up: a Textual app with one Static and nothing else."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        yield Static("READY " + "x" * 60)


if __name__ == "__main__":
    Bare().run()
