"""The window: its parts side by side, who tells whom, and what is kept when it closes.

Nothing here waits for a disk or for the engine: both are asked, and answer by signals.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from assistant import settings as settings_file
from assistant.paths import DataPaths
from assistant.records import Conversation
from assistant.settings import Settings
from ui import theme
from ui.chat_page import ChatPage
from ui.chat_presenter import ChatPresenter
from ui.conversation_presenter import ConversationPresenter
from ui.conversations.list_presenter import ListPresenter
from ui.conversations.sidebar import Sidebar
from ui.drafts import Drafts
from ui.engine_bridge import EngineBridge
from ui.engine_presenter import EnginePresenter
from ui.focus_home import FocusHome
from ui.header import Header
from ui.image_viewer import ImageViewer
from ui.learning.bar import LearningBar
from ui.learning.forgetting_presenter import ForgettingPresenter
from ui.learning.relearn_presenter import RelearnBar, RelearnPresenter
from ui.learning.style_panel_presenter import StylePanelPresenter
from ui.learning.update_presenter import UpdatePresenter
from ui.models.arrival_bar import ArrivalBar
from ui.models.arrival_presenter import ArrivalPresenter
from ui.models.presenter import ModelsPresenter
from ui.pages import Pages
from ui.shortcuts import bind
from ui.status_line import StatusLine
from ui.store_thread import StoreThread
from ui.style_panel import StylePanel
from ui.styles.style_choice_presenter import StyleChoicePresenter
from ui.theme import tokens

_SAVE_AFTER_MS = 400
_LEAST_SIDEBAR, _LEAST_CHAT = 200, 340  # pixels before zoom


class MainWindow(QMainWindow):
    """Made and shown at once; ``start`` opens the store and the engine afterwards."""

    def __init__(
        self,
        paths: DataPaths,
        settings: Settings,
        *,
        offline: bool = True,
        network_forbidden: bool = False,
        fetch_default: bool | None = None,
    ) -> None:
        """``network_forbidden``: not even a download that the user asks for (--offline).
        ``fetch_default``: what the command line says about the default model; None: nothing.
        """
        super().__init__()
        self.paths, self.settings, self.network_forbidden = paths, settings, network_forbidden
        self._offline = offline
        self.setWindowTitle("Attune")
        self.setAccessibleName("Attune")
        self.setMinimumSize(560, 420)
        self.writer = StoreThread(paths, "writer", self)
        self.reader = StoreThread(paths, "reader", self)
        self.bridge = EngineBridge(paths, settings, self.writer, self)
        self.chat = ChatPresenter(self.bridge, self.writer, self)
        self.learning = UpdatePresenter(self.bridge, self.writer, self)
        self._build()
        self.list = ListPresenter(self.sidebar, self.writer, self.reader, self)
        self.drafts = Drafts(self.page.composer, self.writer, self)
        self.pages = Pages(self)
        self.models = ModelsPresenter(self)
        self.conversation = ConversationPresenter(self)
        self.notices = EnginePresenter(self)
        self.styles = StyleChoicePresenter(self)
        self.style_panel = StylePanelPresenter(self)
        self.forgetting = ForgettingPresenter(self)  # after the flow: it says more of an update's end
        self.relearn = RelearnPresenter(self)
        self.arrival = ArrivalPresenter(self, fetch_default)
        self.focus_home = FocusHome(self, self._focus_home, self._typing_box)
        self._connect()
        self.actions_ = bind(self, self._calls(), settings.shortcuts)
        self.status.set_offline(offline)
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.timeout.connect(self._save_settings)
        self._closed = self._squeezed = False
        theme.signals().changed.connect(self._make_room)
        self._restore_window()
        self.conversation.use_settings(settings)
        self.style_panel.use_settings(settings)
        self.chat.new()
        self.page.composer.setFocus()

    # --- life -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the store, then the engine. Call it when the window is on the screen."""
        self.writer.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what is being written, keep its text and everything else, end the engine."""
        if not self._closed:
            self._closed = True
            self.settings = self.settings.with_changes(window=self._window_state())
            self.hide()  # at once; what follows may take a second
            self.drafts.flush()
            self._save_settings()
            self.models.jobs.stop_all()
            self.bridge.shutdown()
            self.reader.stop()
            self.writer.stop()
        super().closeEvent(event)

    def come_forward(self) -> None:
        """Another start of Attune asked for this window."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # --- parts ------------------------------------------------------------------------------------------

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

    def _connect(self) -> None:
        sidebar, header = self.sidebar, self.header
        self.page.composer.undo_requested.connect(sidebar.undo_bar.undo)
        sidebar.new_wanted.connect(lambda: self.new_chat())
        sidebar.open_wanted.connect(self.open_chat)
        sidebar.writing_wanted.connect(self.pages.show_writing)
        sidebar.models_wanted.connect(self.pages.show_models)
        sidebar.settings_wanted.connect(self.pages.show_settings)
        sidebar.export_wanted.connect(self.pages.export)
        header.sidebar_toggled.connect(self._show_sidebar)
        header.panel_toggled.connect(self._show_panel)
        header.models_wanted.connect(self.pages.show_models)
        self.writer.opened.connect(self._store_opened)
        self.chat.conversations_changed.connect(self.list.refresh)
        self.list.deleted.connect(self._conversation_deleted)
        self.list.restored.connect(lambda restored: self.open_chat(restored, ""))
        self.list.changed.connect(self._conversation_changed)
        self.list.trouble.connect(self.notices.trouble)

    def _calls(self) -> dict[str, Any]:
        page = self.page
        return {
            "new_chat": self.new_chat,
            "search": self._focus_search,
            "sidebar": self.header.sidebar_button.toggle,
            "composer": self._focus_composer,
            "attach": self.conversation.attach,
            "stop": self._escape,
            "regenerate": page.transcript.regenerate_current,
            "copy_reply": page.transcript.copy_current,
            "copy_code": page.transcript.copy_last_code,
            "rate_up": lambda: page.transcript.rate_current(1),
            "rate_down": lambda: page.transcript.rate_current(-1),
            "prefer_a": lambda: self._prefer(0),
            "prefer_b": lambda: self._prefer(1),
            "rename": lambda: self._with_open(self.sidebar.rename),
            "pin": lambda: self._with_open(self._toggle_pin),
            "delete": lambda: self._with_open(self.list.delete),
            "undo": self.sidebar.undo_bar.undo,
            "next_chat": lambda: self._step_chat(1),
            "previous_chat": lambda: self._step_chat(-1),
            "settings": self.pages.show_settings,
            "zoom_in": lambda: self._zoom(1),
            "zoom_out": lambda: self._zoom(-1),
            "zoom_reset": lambda: self._zoom(0),
            "keys": self.pages.show_keys,
            "quit": self.close,
        }

    # --- what actions do --------------------------------------------------------------------------------

    def new_chat(self, line: str = "") -> None:
        """An empty chat, in the style ``line``."""
        self.drafts.flush()
        self.pages.show_chat()
        self.chat.new(line)
        self._focus_composer()

    def open_chat(self, conversation_id: str, message_id: str = "") -> None:
        self.drafts.flush()
        self.pages.show_chat()
        self.chat.open(conversation_id, message_id)

    def write_text(self, text: str, line: str = "") -> None:
        """Send a message in a chat of its own, in the style ``line``."""
        self.new_chat(line)
        self.page.composer.set_busy(True)
        self.chat.send(text)

    def look_at_text(self, text: str, line: str = "") -> None:
        """Put a message into the box of a new chat, to be read and changed before it is sent."""
        self.new_chat(line)
        begun = self.page.composer.text().strip()
        self.page.composer.set_text(f"{begun}\n\n{text}" if begun else text)

    def change_settings(self, **changes: Any) -> None:
        """Use and save other settings."""
        self.use_settings(self.settings.with_changes(**changes))

    def use_settings(self, settings: Settings) -> None:
        if settings == self.settings:
            return
        self.settings = settings
        theme.set_theme(settings.theme, settings.zoom)  # type: ignore[arg-type]
        self.conversation.use_settings(settings)
        self.bridge.use_settings(settings)
        self.style_panel.use_settings(settings)
        self.pages.use_settings(settings)
        self.models.use_settings(settings)
        self._save_soon.start(_SAVE_AFTER_MS)

    def show_network(self, used: bool) -> None:
        """Say in the status line whether the network is being used."""
        self.status.set_offline(self._offline and not used)

    def _store_opened(self, notice: str) -> None:
        if notice:
            self.notices.say(notice, "warning")
        self.reader.start()
        self.list.refresh()
        self.models.list()
        self.styles.refresh()
        last = self.settings.window.get("conversation")
        if isinstance(last, str) and last and self.chat.conversation is None:
            self.chat.reopen(last)
        self.drafts.restore_new(self.chat)
        self.bridge.start()
        self.arrival.look()

    def _conversation_deleted(self, conversation_id: str) -> None:
        if conversation_id == self.chat.conversation_id:
            self.chat.stop()
            self.chat.new()

    def _conversation_changed(self, conversation: Conversation) -> None:
        if conversation.id == self.chat.conversation_id:
            self.chat.conversation = conversation
            self.header.set_title(conversation.title)

    def _with_open(self, act: Any) -> None:
        if self.chat.conversation_id is not None:
            act(self.chat.conversation_id)

    def _toggle_pin(self, conversation_id: str) -> None:
        pinned = self.chat.conversation is not None and self.chat.conversation.pinned
        self.sidebar.pin_wanted.emit(conversation_id, not pinned)

    def _step_chat(self, step: int) -> None:
        ids = self.sidebar.model.conversation_ids()
        if not ids:
            return
        at = ids.index(self.chat.conversation_id) + step if self.chat.conversation_id in ids else 0
        self.open_chat(ids[at % len(ids)], "")

    def _focus_search(self) -> None:
        self.header.sidebar_button.setChecked(True)
        self.sidebar.focus_search()

    def _focus_composer(self) -> None:
        self.pages.show_chat()
        self.page.composer.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _prefer(self, at: int) -> None:
        if self.pages.at_chat:
            self.page.transcript.choose_offered(at)
        else:
            self.pages.prefer(at)

    def _focus_home(self) -> QWidget:
        return self.page.composer.edit if self.pages.at_chat else self.stack.currentWidget() or self

    def _typing_box(self) -> QWidget | None:
        return self.page.composer.edit if self.pages.at_chat and not self.viewer.isVisible() else None

    def _escape(self) -> None:
        if self.viewer.isVisible():
            self.viewer.close_image()
        elif self.sidebar.clear_search():
            pass
        elif not self.pages.at_chat:
            self.pages.show_chat()
        elif self.chat.busy:
            self.chat.stop()
        elif self.conversation.skip_pair():
            pass
        else:
            self._focus_composer()

    def _zoom(self, steps: int) -> None:
        theme.step_zoom(steps)
        self.change_settings(zoom=theme.current().zoom)

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
            shown = self.settings.show_sidebar and not squeezed
            self.sidebar.setVisible(shown)
            self.header.sidebar_button.blockSignals(True)
            self.header.sidebar_button.setChecked(shown)
            self.header.sidebar_button.blockSignals(False)

    def _show_sidebar(self, shown: bool) -> None:
        self.sidebar.setVisible(shown)
        self.change_settings(show_sidebar=shown)

    def _show_panel(self, shown: bool) -> None:
        self.panel.setVisible(shown)
        self._make_room()
        if shown:
            self.style_panel.refresh()

    # --- window state -----------------------------------------------------------------------------------

    def _restore_window(self) -> None:
        state = self.settings.window
        self.resize(1180, 760)
        geometry = state.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "replace")))
        width = state.get("sidebar")
        width = width if isinstance(width, int) and 160 <= width <= 600 else tokens.SIDEBAR_WIDTH
        self.splitter.setSizes([width, max(self.width() - width, 400)])
        self.header.sidebar_button.blockSignals(True)
        self.header.sidebar_button.setChecked(self.settings.show_sidebar)
        self.header.sidebar_button.blockSignals(False)
        self.sidebar.setVisible(self.settings.show_sidebar)
        self.header.panel_button.setChecked(state.get("panel") is True)

    def _window_state(self) -> dict[str, Any]:
        sizes = self.splitter.sizes()
        return {
            **self.settings.window,
            "geometry": bytes(self.saveGeometry().toBase64().data()).decode("ascii"),
            "sidebar": sizes[0] if sizes[0] else self.settings.window.get("sidebar", tokens.SIDEBAR_WIDTH),
            "conversation": self.chat.conversation_id or "",
            "panel": not self.panel.isHidden(),
        }

    def _save_settings(self) -> None:
        settings, path = self.settings, self.paths.settings
        self.reader.run(lambda _store: settings_file.save(path, settings), None, self.notices.trouble)

    def alert(self) -> None:
        """Mark the window in the task bar, if the user is elsewhere and wants to know."""
        if self.settings.notify_when_done and not self.isActiveWindow():
            QApplication.alert(self)
