"""Connects the choice of a style to the open conversation and to what shows its style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from assistant.services.styles import StyleService
from ui.styles.choices import read_choices

if TYPE_CHECKING:
    from ui.main_window import MainWindow


class StyleChoicePresenter(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.chat.style_changed.connect(self._changed)
        window.header.style_button.chosen.connect(window.chat.set_style)
        window.header.style_button.made.connect(self.make)

    @property
    def line(self) -> str:
        """The style of the open conversation: the one that the panel and the pages show first."""
        return self._window.chat.style[0]

    def refresh(self) -> None:
        """Read again which styles and versions there are."""
        window, line = self._window, self.line
        paths, model = window.paths, window.settings.model
        window.reader.run(
            lambda store: read_choices(StyleService(store, paths), model, line),
            window.header.style_button.show_choices,
        )

    def make(self, name: str) -> None:
        """A new named style, for the open conversation at once."""
        window = self._window

        def made(line: str) -> None:
            window.chat.set_style(line, "")
            window.status.note(
                self.tr("This chat is in the style {0} now; rate its replies to teach it.").format(line)
            )

        paths = window.paths
        window.writer.run(lambda store: StyleService(store, paths).add(name), made, window.notices.trouble)

    def remove(self, name: str) -> None:
        """Remove a named style with its versions."""
        window = self._window
        paths = window.paths

        def done(_done: object) -> None:
            if self.line == name:
                window.chat.set_style("", "")
            window.style_panel.refresh()
            window.pages.style_changed()

        window.writer.run(lambda store: StyleService(store, paths).remove(name), done, window.notices.trouble)

    def _changed(self, line: str, style: str) -> None:
        self._window.header.style_button.show_style(line, style)
        self._window.style_panel.refresh()
