"""The frame of the window: its parts side by side, their sizes, and what of these is kept. Holds no store and no engine."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ui import theme
from ui.chat_page import ChatPage
from ui.command_palette import CommandPalette
from ui.conversations.sidebar import Sidebar
from ui.drop_overlay import DropOverlay
from ui.header import Header
from ui.image_viewer import ImageViewer
from ui.learning.bar import LearningBar
from ui.learning.relearn_bar import RelearnBar
from ui.models.arrival_bar import ArrivalBar
from ui.status_line import StatusLine
from ui.style_panel import StylePanel
from ui.theme import tokens

_LEAST_SIDEBAR, _LEAST_CHAT = 200, 340  # pixels before zoom


class WindowFrame(QMainWindow):
    sidebar_shown = Signal(bool)  # the user showed or hid it
    panel_shown = Signal()

    def __init__(self, show_sidebar: bool) -> None:
        """``show_sidebar``: it is wanted wherever there is room for it."""
        super().__init__()
        self._wants_sidebar, self._squeezed = show_sidebar, False
        self.setWindowTitle("Attune")
        self.setAccessibleName("Attune")
        self.setMinimumSize(560, 420)
        self._build()
        theme.signals().changed.connect(self._make_room)

    def come_forward(self) -> None:
        """Another start of Attune asked for this window."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def set_title(self, title: str) -> None:
        """What is open is called so; "": it is new."""
        self.header.set_title(title)
        self.setWindowTitle(f"{title} – Attune" if title else "Attune")

    def _build(self) -> None:
        self.sidebar = Sidebar()
        self.header = Header()
        self.page = ChatPage()
        self.status = StatusLine()
        self.learning_bar = LearningBar()
        self.relearn_bar = RelearnBar()
        self.arrival_bar = ArrivalBar()
        self.panel = StylePanel()
        self.panel.hide()
        self.stack = QStackedWidget()
        self.stack.setAccessibleName(self.tr("Page"))
        self.stack.addWidget(self.page)
        middle = QWidget()
        middle.setProperty("role", "page")
        middle.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        middle.setAccessibleName(self.tr("Chat"))
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.stack, 1)
        column.addWidget(self.arrival_bar)
        column.addWidget(self.relearn_bar)
        column.addWidget(self.learning_bar)
        column.addWidget(self.status)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setAccessibleName(self.tr("Sidebar and chat"))
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(self.sidebar)
        self.splitter.addWidget(middle)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.handle(1).setAccessibleName(self.tr("Width of the sidebar"))
        root = QWidget()
        root.setAccessibleName("Attune")
        row = QHBoxLayout(root)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.splitter, 1)
        row.addWidget(self.panel)
        self.setCentralWidget(root)
        self.viewer = ImageViewer(root)
        self.header.sidebar_toggled.connect(self._show_sidebar)
        self.header.panel_toggled.connect(self._show_panel)
        self.palette_ = CommandPalette(root)
        self.drop_overlay = DropOverlay(root, self.page.composer.edit.viewport())

    # --- sizes ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Where sidebar, chat and panel do not fit beside each other (a large zoom, a small window), the sidebar goes
        until they do; its button brings it back all the same.
        """
        px = theme.current().px
        self.panel.fit(self.width())
        self.sidebar.setMinimumWidth(min(px(_LEAST_SIDEBAR), round(0.4 * self.width())))
        needed = px(_LEAST_SIDEBAR + _LEAST_CHAT) + (0 if self.panel.isHidden() else self.panel.width())
        squeezed = self.width() < needed
        if squeezed != self._squeezed:
            self._squeezed = squeezed
            self._set_sidebar(self._wants_sidebar and not squeezed)

    def _set_sidebar(self, shown: bool) -> None:
        self.sidebar.setVisible(shown)
        self.header.sidebar_button.blockSignals(True)
        self.header.sidebar_button.setChecked(shown)
        self.header.sidebar_button.blockSignals(False)

    def _show_sidebar(self, shown: bool) -> None:
        self._wants_sidebar = shown
        self.sidebar.setVisible(shown)
        self.sidebar_shown.emit(shown)

    def _show_panel(self, shown: bool) -> None:
        self.panel.setVisible(shown)
        self._make_room()
        if shown:
            self.panel_shown.emit()

    # --- what is kept -----------------------------------------------------------------------------------

    def restore_sizes(self, state: dict[str, Any]) -> None:
        """Sizes as ``sizes`` gave them; what is missing or damaged is as in a new installation."""
        self.resize(1180, 760)
        geometry = state.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "replace")))
        self.restore_parts(state)

    def restore_parts(self, state: dict[str, Any]) -> None:
        """What is shown in the window and how wide, as ``sizes`` gave it; the window's own size stays."""
        width = state.get("sidebar")
        width = width if isinstance(width, int) and 160 <= width <= 600 else tokens.SIDEBAR_WIDTH
        self.splitter.setSizes([width, max(self.width() - width, 400)])
        self._set_sidebar(self._wants_sidebar)
        self.header.panel_button.setChecked(state.get("panel") is True)

    def sizes(self, before: dict[str, Any]) -> dict[str, Any]:
        """Plain values for ``restore_sizes``; ``before``: the last ones."""
        width = self.splitter.sizes()[0]
        return {
            "geometry": bytes(self.saveGeometry().toBase64().data()).decode("ascii"),
            "sidebar": width if width else before.get("sidebar", tokens.SIDEBAR_WIDTH),
            "panel": not self.panel.isHidden(),
        }
