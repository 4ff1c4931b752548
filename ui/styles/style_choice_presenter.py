"""Connects the choice of a style to the open conversation and to what shows its style."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from assistant.services.styles import StyleService
from ui.banner import Banner
from ui.chat_presenter import ChatPresenter
from ui.current_settings import CurrentSettings
from ui.status_line import StatusLine
from ui.store_thread import StoreAccess
from ui.styles.button import StyleButton
from ui.styles.choices import read_choices


class StyleChoicePresenter(QObject):
    changed = Signal()  # the open conversation is in another style
    removed = Signal()  # a named style is gone

    def __init__(
        self,
        chat: ChatPresenter,
        data: StoreAccess,
        settings: CurrentSettings,
        button: StyleButton,
        status: StatusLine,
        banner: Banner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._chat, self._data, self._settings = chat, data, settings
        self._button, self._status, self._banner = button, status, banner
        chat.style_changed.connect(self._changed)
        button.chosen.connect(chat.set_style)
        button.made.connect(self.make)

    @property
    def line(self) -> str:
        """The style of the open conversation: the one that the panel and the pages show first."""
        return self._chat.style[0]

    def refresh(self) -> None:
        """Read again which styles and versions there are."""
        paths, model, line = self._data.paths, self._settings.now.model, self.line
        self._data.reader.run(
            lambda store: read_choices(StyleService(store, paths), model, line), self._button.show_choices
        )

    def show_on(self, on: bool) -> None:
        """Whether styles are in use at all."""
        self._button.set_on(on)

    def make(self, name: str) -> None:
        """A new named style, for the open conversation at once."""
        paths = self._data.paths

        def made(line: str) -> None:
            self._chat.set_style(line, "")
            self._status.note(
                self.tr("This chat now uses the style {0}. Rate its replies to teach it.").format(line)
            )

        self._data.writer.run(lambda store: StyleService(store, paths).add(name), made, self._banner.trouble)

    def remove(self, name: str) -> None:
        """Remove a named style with its versions."""
        paths = self._data.paths

        def done(_done: object) -> None:
            if self.line == name:
                self._chat.set_style("", "")
            self.removed.emit()

        self._data.writer.run(
            lambda store: StyleService(store, paths).remove(name), done, self._banner.trouble
        )

    def _changed(self, line: str, style: str) -> None:
        self._button.show_style(line, style)
        self.changed.emit()
