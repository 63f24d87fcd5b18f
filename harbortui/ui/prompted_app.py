"""The docked lines: command line, filter, palette. While one is open it has the keys; nothing else moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from harbortui.ui.actions import Action, Where
from harbortui.ui.keyed_app import KeyedApp
from harbortui.ui.screens.trended import LOGS
from harbortui.ui.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harbortui.ui.commands.prompt import Prompt
    from harbortui.ui.widgets.choices import Choices
    from harbortui.ui.widgets.painted import Look

NOT_FOR_PROMPTS = ("ctrl+l", "ctrl+z")
"""Keys that work while a line is being typed."""


class PromptedApp(KeyedApp, inherit_bindings=False):
    """An app that can be typed to."""

    look: Look
    prompt: Prompt | None = None
    """The line that is open."""
    _choices: Choices | None = None

    # Keys

    async def on_event(self, event: events.Event) -> None:
        """Give keys to the line that is open, else to what they are bound to.

        Textual hands a key to the focused widget's queue first. Nothing here takes keys there, and the key after one
        that opens a line would be handled before the line is open.
        """
        if getattr(event, "is_forwarded", False) or not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
            return
        self.haste.key()
        if self.prompt is None or (isinstance(event, events.Key) and event.key in NOT_FOR_PROMPTS):
            if isinstance(event, events.Key) and not await self._check_bindings(event.key, priority=True):
                await self._check_bindings(event.key)
        else:
            event.stop()
            if isinstance(event, events.Key):
                await self.prompt.key("escape" if event.key == "ctrl+c" else event.key, event.character)
            else:
                self.prompt.paste(event.text)
            self.show_prompt()

    def _open_prompt(self, prompt: Prompt) -> None:
        self.view.hint = ""
        self.prompt = prompt
        self.show_prompt()

    def close_prompt(self) -> None:
        """Give the footer and the keys back."""
        self.prompt = None
        if self._choices is not None:
            self._choices.display = False
            self._choices = None
        self.show_prompt()

    def show_prompt(self) -> None:
        """Paint the line that is open, and the palette's list."""
        with self.batch_update():
            self.view_screen.footer.show_prompt(self.prompt)
            self._show_choices()

    def _show_choices(self) -> None:
        from harbortui.ui.commands.palette import ROOM, PalettePrompt

        prompt = self.prompt
        if not isinstance(prompt, PalettePrompt):
            return
        if self._choices is None:
            self._choices = self.view_screen.choices
        top = prompt.top
        shown = prompt.found[top : top + ROOM]
        height = max(1, min(len(shown), self.size.height - 2))
        self._choices.styles.height = height
        self._choices.display = self.size.height > 2
        self._choices.show(shown, prompt.at - top)

    def action_command(self) -> None:
        """A command is typed."""
        from harbortui.ui.commands.command_line import CommandPrompt

        self._open_prompt(CommandPrompt(self._shell))

    def action_palette(self) -> None:
        """Everything that can be done, to choose from."""
        from harbortui.ui.commands.palette import PalettePrompt

        self._open_prompt(PalettePrompt(self._shell))

    def action_filter(self) -> None:
        """A filter is typed, or what to find."""
        from harbortui.ui.commands.filtering import FilterPrompt

        listed = self.view_screen.listed
        if listed is None:
            self.hint("there is nothing here to filter")
        else:
            self._open_prompt(FilterPrompt(self._shell, listed))

    def action_match(self, step: int) -> None:
        """The next or previous line that matches."""
        listed = self.view_screen.listed
        stops = isinstance(listed, Table) and listed.has_stops
        if listed is None or not (listed.sought or stops):
            self.hint("nothing is sought: / begins")
        elif not listed.step_match(step):
            self.hint(f"{listed.sought} does not occur here")

    # What is typed or chosen

    async def do(self, action: Action) -> str:
        """Do what an action's key does; why it did nothing, or nothing."""
        node = {Where.LIST: self.view_screen.listed, Where.TABLE: self.view_screen.listed, Where.ALL: self}.get(
            action.where, self.screen
        )
        if node is None or not hasattr(node, f"action_{action.call.split('(')[0]}"):
            return f"{action.id} means nothing here"
        await self.run_action(action.call, node)
        return ""

    def action_logs_pane(self) -> None:
        """The logs of the instance at hand, of the task that was chosen."""
        if self.named:
            self.open_instance(self.named, LOGS)
        else:
            self.hint("which instance?")

    # Themes

    def theme_names(self) -> Iterable[str]:
        """The themes there are."""
        from harbortui.ui import theme_picker

        return theme_picker.names(self._shell)

    def preview_theme(self, name: str) -> None:
        """Show a theme until it is accepted or cancelled."""
        from harbortui.ui import theme_picker

        theme_picker.preview(self._shell, name)

    def accept_theme(self, name: str) -> None:
        """Use a theme from now on."""
        from harbortui.ui import theme_picker

        theme_picker.accept(self._shell, name)

    def cancel_theme(self) -> None:
        """Go back to the theme from before a preview."""
        from harbortui.ui import theme_picker

        theme_picker.cancel(self._shell)
