"""What opens from a row: ``enter`` goes into it, ``d`` shows it as its API tells it. Neither changes anything.

``where`` is the place of a table: ``fleet/instances``, ``fleet/findings``, ``instance/1`` to ``instance/5``, the name
of a list screen, or ``page``. A page may know better, see :class:`harbortui.ui.screens.page.Page`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harbortui.model.asked import Query
    from harbortui.ui.app import HarborApp
    from harbortui.ui.cell import Block, Row
    from harbortui.ui.view import View


def opened(shell: HarborApp, where: str, title: str, block: Block, row: Row) -> None:
    """Enter on a row of the table at ``where``, whose pane has that title."""
    shell.open_detail(title, block, row)


def raw_of(view: View, where: str, row: Row) -> Query | None:
    """What to ask for to see the row's object raw; None when it stands for none."""
    return None


def describe(shell: HarborApp, where: str, title: str, block: Block, row: Row) -> None:
    """``d`` on a row: its object raw, or the row in full where it stands for none."""
    shell.open_detail(title, block, row)
