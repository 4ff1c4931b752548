"""The composition root of the window: it makes the presenters and pages and gives each its collaborators.

Nothing here waits for a disk or for the engine: both are asked, and answer by signals.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QMimeData, Qt
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import delete

from assistant.paths import DataPaths
from assistant.records import Conversation
from assistant.settings import Settings
from ui import i18n, theme
from ui.chat_presenter import ChatPresenter, Instructions
from ui.command_palette import Entry
from ui.conversation_presenter import ConversationPresenter
from ui.conversations.folder_dialog import FolderDialog
from ui.conversations.list_presenter import ListPresenter
from ui.current_settings import CurrentSettings
from ui.drafts import Drafts
from ui.engine_bridge import EngineBridge
from ui.engine_presenter import EnginePresenter
from ui.focus_home import FocusHome
from ui.language_switch import LanguageSwitch, forget_listeners
from ui.learning.forgetting_presenter import ForgettingPresenter
from ui.learning.relearn_presenter import RelearnPresenter
from ui.learning.style_panel_presenter import StylePanelPresenter
from ui.learning.update_presenter import UpdatePresenter
from ui.message_views import Opened
from ui.models.arrival_presenter import ArrivalPresenter
from ui.models.model_jobs import ModelJobs
from ui.models.presenter import ModelsPresenter
from ui.pages import Collaborators, Pages
from ui.shortcuts import bind, key_text
from ui.store_thread import StoreAccess, StoreThread
from ui.styles.style_choice_presenter import StyleChoicePresenter
from ui.window_frame import WindowFrame

if TYPE_CHECKING:
    from assistant.store import Store


class MainWindow(WindowFrame):
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
        super().__init__(settings.show_sidebar)
        self._offline, self._closed = offline, False
        self.data = StoreAccess(paths, StoreThread(paths, "writer", self), StoreThread(paths, "reader", self))
        self.current_settings = CurrentSettings(settings, self.data, self)
        self.bridge = EngineBridge(paths, settings, self.data.writer, self)
        self.model_jobs = ModelJobs(paths, self)
        self.language_switch = LanguageSwitch(self, self)
        self._network_forbidden, self._fetch_default = network_forbidden, fetch_default
        self._store_is_open, self._language = False, settings.language
        self._compose()
        self.restore_sizes(settings.window)

    def _compose(self) -> None:
        """Make everything that shows or translates a text, over what stays while the window is open."""
        settings = self.settings
        self._make_presenters(self._network_forbidden, self._fetch_default)
        self.focus_home = FocusHome(self, self._focus_home, self._typing_box)
        self._connect()
        self.pages.actions_ = self.actions_ = bind(self, self._calls(), settings.shortcuts)
        self.status.set_offline(self._offline and not self.model_jobs.downloading)
        self.restore_parts(settings.window)
        self.conversation.use_settings(settings)
        self.style_panel.use_settings(settings)
        self.chat.new()
        self.page.composer.setFocus()

    def _make_presenters(self, network_forbidden: bool, fetch_default: bool | None) -> None:
        """In the order in which they hear of what happens: the one for what is unlearned says more of an update's end."""
        data, settings, page, banner = self.data, self.current_settings, self.page, self.page.banner
        self.chat = ChatPresenter(self.bridge, data.writer, self)
        self.learning = UpdatePresenter(self.bridge, data.writer, self)
        self.list = ListPresenter(self.sidebar, data.writer, data.reader, self)
        self.drafts = Drafts(page.composer, data.writer, self)
        self.conversation = ConversationPresenter(
            self.chat,
            self.bridge,
            data,
            settings,
            page,
            self.sidebar,
            self.status,
            self.drafts,
            self.viewer,
            lambda: self.learning.state == "idle" and not self.pages.comparing,
            self,
        )
        self.engine = EnginePresenter(self.bridge, self.chat, data, page, self.header, self.status, self)
        self.models = ModelsPresenter(
            self.bridge,
            self.model_jobs,
            data,
            settings,
            self.header,
            page.welcome,
            banner,
            network_forbidden=network_forbidden,
            may_advise=lambda: self.arrival.may_advise,
            taken=lambda model_id: self.arrival.takes(model_id),
            parent=self,
        )
        self.choice = StyleChoicePresenter(
            self.chat, data, settings, self.header.style_button, self.status, banner, self
        )
        self.style_panel = StylePanelPresenter(
            self.learning,
            self.chat,
            self.bridge,
            self.choice,
            data,
            settings,
            self.panel,
            self.learning_bar,
            page,
            self.status,
            self,
        )
        self.forgetting = ForgettingPresenter(
            self.list, self.chat, self.learning, data, settings, self.learning_bar, self.status, banner, self
        )
        self.relearn = RelearnPresenter(self.relearn_bar, self.bridge, self.learning, data, self)
        parts = Collaborators(
            data,
            settings,
            self.bridge,
            self.chat,
            self.list,
            self.drafts,
            self.models,
            self.choice,
            self.style_panel,
            self.learning,
            self.forgetting,
            self.learning_bar,
            self.status,
        )
        self.pages = Pages(self.stack, self.header, page, parts)
        self.arrival = ArrivalPresenter(
            self.models,
            self.bridge,
            self.chat,
            self.learning,
            data,
            settings,
            page,
            self.arrival_bar,
            said=fetch_default,
            network_forbidden=network_forbidden,
            comparing=lambda: self.pages.comparing,
            parent=self,
        )

    def _connect(self) -> None:
        sidebar, pages, panel = self.sidebar, self.pages, self.panel
        self.drop_overlay.dropped.connect(self._dropped)
        self.palette_.chats_wanted.connect(self._find_chats)
        self.page.composer.undo_requested.connect(sidebar.undo_bar.undo)
        sidebar.new_wanted.connect(lambda: self.new_chat())
        sidebar.new_in_folder_wanted.connect(lambda name: self.new_chat(folder=name))
        sidebar.folder_instructions_wanted.connect(self._folder_instructions)
        sidebar.export_many_wanted.connect(pages.export_many)
        sidebar.trash_wanted.connect(pages.show_trash)
        self.header.instructions_wanted.connect(self._instructions)
        self.page.instructions.changed.connect(self.chat.set_instructions)
        self.page.instructions.folder_wanted.connect(self._folder_instructions)
        self.chat.instructions_changed.connect(self._show_instructions)
        sidebar.open_wanted.connect(self.open_chat)
        sidebar.writing_wanted.connect(pages.show_writing)
        sidebar.models_wanted.connect(pages.show_models)
        sidebar.settings_wanted.connect(pages.show_settings)
        sidebar.export_wanted.connect(pages.export)
        self.header.models_wanted.connect(pages.show_models)
        self.page.welcome.picture_wanted.connect(self._attach)
        panel.open_wanted.connect(self.open_chat)
        panel.versions_wanted.connect(pages.show_versions)
        panel.ratings_wanted.connect(pages.show_ratings)
        panel.card_wanted.connect(pages.show_card)
        panel.texts_wanted.connect(pages.show_texts)
        panel.compare_wanted.connect(pages.show_compare)
        self.learning_bar.versions_wanted.connect(pages.show_versions)
        pages.open_wanted.connect(self.open_chat)
        pages.write_wanted.connect(self.write_text)
        pages.look_wanted.connect(self.look_at_text)
        self.data.writer.opened.connect(lambda _notice: self._store_opened())
        self.chat.conversations_changed.connect(self.list.refresh)
        self.conversation.titled.connect(self.set_title)
        self.conversation.attention_wanted.connect(self.alert)
        self.conversation.compare_wanted.connect(
            lambda first, second, prompt: pages.show_compare().offer(first, second, prompt)
        )
        self.list.deleted.connect(self._conversations_deleted)
        self.list.moved.connect(self.chat.read_folder)
        self.chat.replied_elsewhere.connect(self.list.mark_unread)
        self.chat.opened.connect(self._looked_at)
        self.list.restored.connect(lambda restored: self.open_chat(restored, ""))
        self.list.changed.connect(self._conversation_changed)
        self.list.trouble.connect(self.page.banner.trouble)
        self.models.network_used.connect(lambda used: self.status.set_offline(self._offline and not used))
        self.choice.changed.connect(self.style_panel.refresh)
        for changed in (self.choice.removed, self.forgetting.style_changed):
            changed.connect(self.style_panel.refresh)
            changed.connect(pages.style_changed)
        self.style_panel.style_changed.connect(pages.style_changed)
        self.current_settings.changed.connect(self._use_settings)
        self.current_settings.save_failed.connect(self.page.banner.trouble)
        self.sidebar_shown.connect(lambda shown: self.change_settings(show_sidebar=shown))
        self.panel_shown.connect(self.style_panel.refresh)

    # --- life -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the store, then the engine. Call it when the window is on the screen."""
        self.data.writer.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what is being written, keep its text and everything else, end the engine."""
        if not self._closed:
            self._closed = True
            before = self.settings.window
            state = {**before, **self.sizes(before), "conversation": self.chat.conversation_id or ""}
            self.change_settings(window=state)
            self.hide()  # at once; what follows may take a second
            self.drafts.flush()
            self.current_settings.save()
            self.model_jobs.stop_all()
            self.bridge.shutdown()
            self.data.reader.stop()
            self.data.writer.stop()
        super().closeEvent(event)

    def _store_opened(self) -> None:
        first, self._store_is_open = not self._store_is_open, True
        if first:
            self.data.reader.start()
        self.list.refresh()
        self.list.read_unread()
        self.models.list()
        self.choice.refresh()
        last = self.settings.window.get("conversation")
        if isinstance(last, str) and last and self.chat.conversation is None:
            self.chat.reopen(last)
        self.drafts.restore_new(self.chat)
        if first:
            self.bridge.start()
        self.arrival.look()

    # --- settings ---------------------------------------------------------------------------------------

    @property
    def paths(self) -> DataPaths:
        return self.data.paths

    @property
    def settings(self) -> Settings:
        return self.current_settings.now

    def change_settings(self, **changes: Any) -> None:
        """Use and save other settings."""
        self.current_settings.change(**changes)

    def _use_settings(self, settings: Settings) -> None:
        if settings.language != self._language:
            self._language = settings.language
            application = QApplication.instance()
            assert application is not None
            i18n.install(application, settings.language)  # the window hears of it in ``changeEvent``
        theme.set_theme(settings.theme, settings.zoom)  # type: ignore[arg-type]
        self.conversation.use_settings(settings)
        self.bridge.use_settings(settings)
        self.style_panel.use_settings(settings)
        self.pages.use_settings(settings)
        self.models.use_settings(settings)

    # --- language ---------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Another language was chosen in the settings, or by the system."""
        super().changeEvent(event)
        switch = getattr(self, "language_switch", None)  # Qt sends events before there is one
        if switch is not None and event.type() == QEvent.Type.LanguageChange and not self._closed:
            switch.ask()

    @property
    def occupied(self) -> bool:
        """Something is being written, or asks for an answer, that making the parts anew would lose sight of."""
        return (
            not self._store_is_open
            or self.chat.writing
            or self.pages.comparing
            or self.learning.state != "idle"
            or QApplication.activeModalWidget() is not None
            or QApplication.activePopupWidget() is not None
        )

    def settle(self, done: Callable[[], None]) -> None:
        """Save what is typed; ``done`` is called when what was asked of the store's threads has been answered."""
        self.drafts.flush()
        self.current_settings.save()
        waiting = [self.data.writer, self.data.reader] * 2  # an answer may ask the other thread for more

        def next_one(_nothing: object = None) -> None:
            if waiting:
                waiting.pop().run(lambda _store: None, next_one)
            elif not self._closed:
                done()

        next_one()

    def rebuild(self) -> None:
        """Make all parts anew, in the language that is installed now; what was open is open again."""
        page, before = self.pages.shown, self.settings.window
        pictures = [
            (Path(file).read_bytes(), Path(file).name) for file in self.page.composer.pictures.files()
        ]
        self.change_settings(
            window={**before, **self.sizes(before), "conversation": self.chat.conversation_id or ""}
        )
        self._take_down()
        self._build()
        if (root := self.centralWidget()) is not None:
            root.show()  # a window that is visible shows no part by itself
        self._compose()
        self.data.writer.announce()
        self.bridge.announce()
        self.model_jobs.announce()
        for data, name in pictures:
            self.page.composer.add_file(data, name)
        self.pages.show(page)

    def _take_down(self) -> None:
        """Remove every part but those that work in the background, which forget who listened to them."""
        kept = (
            *(self.data.writer, self.data.reader, self.current_settings, self.bridge, self.model_jobs),
            *(self.language_switch,),
        )
        for part in kept:
            forget_listeners(part)
        forget_listeners(self)
        for child in self.children():
            if isinstance(child, QAction) or (type(child).__module__.startswith("ui.") and child not in kept):
                delete(child)  # at once: until then its keys and timers would go on working
        if (root := self.takeCentralWidget()) is not None:
            delete(root)

    # --- shortcuts --------------------------------------------------------------------------------------

    def _calls(self) -> dict[str, Any]:
        page, pages = self.page, self.pages
        return {
            "new_chat": self.new_chat,
            "search": self._focus_search,
            "find": self._find,
            "find_next": lambda: page.find_bar.step(1),
            "find_previous": lambda: page.find_bar.step(-1),
            "palette": self._open_palette,
            "newest": page.transcript.scroll_to_end,
            "sidebar": self.header.sidebar_button.toggle,
            "composer": self._focus_composer,
            "attach": self._attach,
            "stop": self._escape,
            "regenerate": page.transcript.regenerate_current,
            "continue": self.conversation.go_on_last,
            "copy_reply": page.transcript.copy_current,
            "copy_code": page.transcript.copy_last_code,
            "rate_up": lambda: page.transcript.rate_current(1),
            "rate_down": lambda: page.transcript.rate_current(-1),
            "prefer_a": lambda: self._prefer(0),
            "prefer_b": lambda: self._prefer(1),
            "rename": lambda: self._with_open(self.sidebar.rename),
            "pin": lambda: self._with_open(self._toggle_pin),
            "delete": self._delete,
            "trash": pages.show_trash,
            "instructions": self._instructions,
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

    def new_chat(self, line: str = "", folder: str = "") -> None:
        """An empty chat, in the style ``line`` and in ``folder``."""
        self.drafts.flush()
        self.pages.show_chat()
        self.chat.new(line, folder)
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

    def _looked_at(self, found: Opened | None) -> None:
        if found is not None:
            self.list.mark_unread(found.conversation.id, False)

    def _conversations_deleted(self, conversation_ids: list[str]) -> None:
        if self.chat.conversation_id in conversation_ids:
            self.chat.stop()
            self.chat.new()

    def _conversation_changed(self, conversation: Conversation) -> None:
        if conversation.id == self.chat.conversation_id:
            self.chat.conversation = conversation
            self.set_title(conversation.title)

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

    def _delete(self) -> None:
        """The chats that are selected in the list, else the open one."""
        chosen = self.sidebar.chosen()
        if len(chosen) > 1:
            self.list.delete(chosen)
        else:
            self._with_open(lambda conversation_id: self.list.delete([conversation_id]))

    def _instructions(self) -> None:
        self.pages.show_chat()
        self.page.instructions.open_field()
        self.header.instructions_button.setChecked(bool(self.chat.instructions.own))

    def _show_instructions(self, told: Instructions) -> None:
        self.page.instructions.show_instructions(told.folder, told.own, told.of_folder)
        self.header.instructions_button.setChecked(bool(told.own))

    def _folder_instructions(self, name: str) -> None:
        kept = next((folder for folder in self.sidebar.model.folders() if folder.name == name), None)
        dialog = FolderDialog(name, kept.instructions if kept else "", self)
        dialog.saved.connect(lambda text: self.list.set_folder_instructions(name, text))
        dialog.open()

    def _open_palette(self) -> None:
        """Every command and every chat, by name."""
        left_out = ("palette", "stop", "prefer_a", "prefer_b", "find_next", "find_previous")
        self.palette_.open_palette(
            [
                Entry(action.text(), key_text(action), action.trigger)
                for name, action in self.actions_.items()
                if name not in left_out
            ]
        )

    def _find_chats(self, query: str) -> None:
        """For the palette: the last chats, or those in which ``query`` is found."""

        def entry(conversation_id: str, message_id: str, title: str, said: str) -> Entry:
            name = title or self.tr(
                "New chat"
            )  # not inside the f-string, where the translators' tool does not look
            text = f"{name}{said and ' – ' + ' '.join(said.split())}"
            return Entry(text, self.tr("Chat"), lambda: self.open_chat(conversation_id, message_id), "edit")

        def read(store: Store) -> list[tuple[str, str, str, str]]:
            if not query:
                return [(c.id, "", c.title, "") for c in store.newest_conversations(5)]
            hits = store.search(query, 12)
            return [
                (h.conversation_id, h.message_id or "", h.title, h.snippet if h.message_id else "")
                for h in hits
            ]

        self.data.reader.run(
            read,
            lambda found: self.palette_.show_chats(query, [entry(*one) for one in found]),
            lambda _why: None,
        )

    def _find(self) -> None:
        """Look for something in the open chat."""
        self.pages.show_chat()
        if self.page.transcript.messages():
            self.page.find_bar.open_bar()

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
        covered = self.viewer.isVisible() or self.palette_.isVisible()
        return self.page.composer.edit if self.pages.at_chat and not covered else None

    def _escape(self) -> None:
        if self.viewer.isVisible():
            self.viewer.close_image()
        elif self.palette_.close_palette() or self.sidebar.clear_search():
            pass
        elif not self.pages.at_chat:
            self.pages.show_chat()
        elif (
            self.page.instructions.close_field()
            or self.sidebar.choose_none()
            or self.page.find_bar.close_bar()
        ):
            self._focus_composer()
        elif self.chat.busy:
            self.chat.stop()
        elif self.conversation.skip_pair():
            pass
        else:
            self._focus_composer()

    def _zoom(self, steps: int) -> None:
        theme.step_zoom(steps)
        self.change_settings(zoom=theme.current().zoom)

    def _attach(self) -> None:
        """Ask for a file to attach."""
        self.pages.show_chat()
        self.page.composer.ask_for_files()

    def _dropped(self, mime: QMimeData) -> None:
        """Files or pictures were dropped somewhere in the window: they belong to the message."""
        self.pages.show_chat()
        self.activateWindow()
        self.page.composer.edit.insertFromMimeData(mime)
        self._focus_composer()

    def alert(self) -> None:
        """Mark the window in the task bar, if the user is elsewhere and wants to know."""
        if self.settings.notify_when_done and not self.isActiveWindow():
            QApplication.alert(self)
