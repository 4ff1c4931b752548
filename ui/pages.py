"""The pages behind the chat, made when first shown; and export and import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMessageBox, QStackedWidget, QWidget

from assistant.services.library import LibraryService
from assistant.services.trash import TrashService
from assistant.settings import Settings
from ui.chat_page import ChatPage
from ui.chat_presenter import ChatPresenter
from ui.conversations.list_presenter import ListPresenter
from ui.current_settings import CurrentSettings
from ui.drafts import Drafts
from ui.engine_bridge import EngineBridge
from ui.header import Header
from ui.learning.bar import LearningBar
from ui.learning.forgetting_presenter import ForgettingPresenter
from ui.learning.style_panel_presenter import StylePanelPresenter
from ui.learning.update_presenter import UpdatePresenter
from ui.models.presenter import ModelsPresenter
from ui.status_line import StatusLine
from ui.store_thread import StoreAccess
from ui.styles.style_choice_presenter import StyleChoicePresenter

if TYPE_CHECKING:
    from assistant.records import Conversation
    from assistant.store.import_writing import ImportReport
    from ui.compare.page import ComparePage
    from ui.compare.presenter import ComparePresenter
    from ui.conversations.trash_page import TrashPage
    from ui.models.page import ModelsPage
    from ui.own_texts.page import OwnTextsPage
    from ui.privacy.page import PrivacyPage
    from ui.privacy.snapshots_page import SnapshotsPage
    from ui.ratings.page import RatingsPage
    from ui.settings.page import SettingsPage
    from ui.style_card.page import StyleCardPage
    from ui.versions.page import VersionsPage
    from ui.writing.page import WritingPage


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What the presenters of the pages are given; each gets only those it needs."""

    data: StoreAccess
    settings: CurrentSettings
    bridge: EngineBridge
    chat: ChatPresenter
    chats: ListPresenter
    drafts: Drafts
    models: ModelsPresenter
    choice: StyleChoicePresenter
    panel: StylePanelPresenter
    learning: UpdatePresenter
    forgetting: ForgettingPresenter
    learning_bar: LearningBar
    status: StatusLine


class Pages(QObject):
    open_wanted = Signal(str, str)  # a conversation, and a message in it or ""
    write_wanted = Signal(str, str)  # a message to be sent in a new chat, and its style
    look_wanted = Signal(str, str)  # a message to be looked at before it is sent, and its style

    def __init__(
        self, stack: QStackedWidget, header: Header, chat_page: ChatPage, parts: Collaborators
    ) -> None:
        super().__init__(stack)
        self._stack, self._header, self._chat_page, self._parts = stack, header, chat_page, parts
        self.actions_: dict[str, QAction] = {}  # the shortcuts, for the page that lists them
        self._settings: SettingsPage | None = None
        self._models: ModelsPage | None = None
        self._keys: QWidget | None = None
        self._versions: VersionsPage | None = None
        self._ratings: RatingsPage | None = None
        self._card: StyleCardPage | None = None
        self._texts: OwnTextsPage | None = None
        self._compare: ComparePage | None = None
        self._privacy: PrivacyPage | None = None
        self._snapshots: SnapshotsPage | None = None
        self._report_problem: Callable[[], None] = lambda: None
        self._writing: WritingPage | None = None
        self._trash: TrashPage | None = None
        self._compare_presenter: ComparePresenter | None = None
        chat_page.welcome.models_wanted.connect(self.show_models)
        parts.bridge.model_changed.connect(lambda _info: self.show_advice())

    @property
    def at_chat(self) -> bool:
        return self._stack.currentWidget() is self._chat_page

    @property
    def shown(self) -> str:
        """The name of the page that is shown, for ``show``."""
        current = self._stack.currentWidget()
        return next((name for name, page in self._made().items() if page is current), "chat")

    def show(self, name: str) -> None:
        """Show the page ``name``; the chat if there is none of that name."""
        showing: dict[str, Callable[[], object]] = {
            "settings": self.show_settings,
            "models": self.show_models,
            "keys": self.show_keys,
            "versions": self.show_versions,
            "ratings": self.show_ratings,
            "compare": self.show_compare,
            "card": self.show_card,
            "trash": self.show_trash,
            "privacy": self.show_privacy,
            "writing": self.show_writing,
        }
        showing.get(name, self.show_chat)()

    def _made(self) -> dict[str, QWidget | None]:
        return {
            "settings": self._settings,
            "models": self._models,
            "keys": self._keys,
            "versions": self._versions,
            "ratings": self._ratings,
            "compare": self._compare,
            "card": self._card,
            "trash": self._trash,
            "privacy": self._privacy,
            "writing": self._writing,
        }

    @property
    def comparing(self) -> bool:
        """Two replies are being written on the page of blind comparisons."""
        return self._compare is not None and self._compare.state == "writing"

    def prefer(self, at: int) -> None:
        """On the page of comparisons: A (0) or B (1) is preferred."""
        if self._compare is not None and self._compare.isVisible():
            self._compare.prefer(at)

    def show_chat(self) -> None:
        if not self.at_chat:
            self._show(self._chat_page)
            self._chat_page.composer.setFocus()

    def show_settings(self) -> None:
        if self._settings is None:
            from ui.settings.page import SettingsPage

            page = self._settings = SettingsPage(self._parts.settings.now)
            page.back_wanted.connect(self.show_chat)
            page.changed.connect(self._parts.settings.use)
            page.report_wanted.connect(self._report)
            page.keys_wanted.connect(self.show_keys)
            page.export_wanted.connect(lambda: self.export())
            page.import_wanted.connect(self._import)
            page.data_wanted.connect(self.show_privacy)
            self._stack.addWidget(page)
            self.show_advice()
        self._show(self._settings)

    def show_advice(self) -> None:
        """The settings show what the loaded model recommends where the user chose nothing."""
        info = self._parts.bridge.model
        if self._settings is not None and info is not None:
            self._settings.replies.show_advice(info.sampling, self._parts.settings.now)

    def show_models(self) -> None:
        if self._models is None:
            from ui.models.page import ModelsPage

            page = self._models = ModelsPage()
            page.back_wanted.connect(self.show_chat)
            self._parts.models.serve(page)
            self._stack.addWidget(page)
        self._show(self._models)

    def show_keys(self) -> None:
        if self._keys is None:
            from ui.shortcuts_page import KeysPage

            page = KeysPage(self.actions_)
            page.back_wanted.connect(self.show_chat)
            self._stack.addWidget(page)
            self._keys = page
        self._show(self._keys)

    def show_versions(self) -> None:
        if self._versions is None:
            from ui.versions.page import VersionsPage
            from ui.versions.presenter import VersionsPresenter

            page = self._versions = VersionsPage()
            page.back_wanted.connect(self.show_chat)
            page.compare_wanted.connect(lambda version: self.show_compare().try_out(version))
            parts = self._parts
            presenter = VersionsPresenter(
                page, parts.choice, parts.chat, parts.data, parts.settings, self._chat_page.banner
            )
            presenter.changed.connect(parts.panel.refresh)
            self._stack.addWidget(page)
        self._show(self._versions)

    def show_ratings(self) -> None:
        if self._ratings is None:
            from ui.ratings.page import RatingsPage
            from ui.ratings.presenter import RatingsPresenter

            page = self._ratings = RatingsPage()
            page.back_wanted.connect(self.show_chat)
            page.open_wanted.connect(self.open_wanted)
            parts = self._parts
            RatingsPresenter(
                page, parts.chat, parts.drafts, parts.learning, parts.forgetting, parts.data, parts.settings,
                parts.learning_bar, self._chat_page.banner,
            )  # fmt: skip
            self._stack.addWidget(page)
        self._show(self._ratings)

    def show_card(self) -> None:
        if self._card is None:
            from ui.style_card.page import StyleCardPage
            from ui.style_card.presenter import StyleCardPresenter

            page = self._card = StyleCardPage()
            page.back_wanted.connect(self.show_chat)
            parts = self._parts
            presenter = StyleCardPresenter(page, parts.choice, parts.chat, parts.data, parts.settings)
            presenter.changed.connect(parts.panel.refresh)
            self._stack.addWidget(page)
        self._show(self._card)

    def show_texts(self) -> None:
        if self._texts is None:
            from ui.own_texts.page import OwnTextsPage
            from ui.own_texts.presenter import OwnTextsPresenter

            page = self._texts = OwnTextsPage()
            page.back_wanted.connect(self.show_chat)
            parts = self._parts
            presenter = OwnTextsPresenter(
                page, parts.choice, parts.learning, parts.forgetting, parts.data, parts.settings
            )
            presenter.changed.connect(parts.panel.refresh)
            self._stack.addWidget(page)
        self._show(self._texts)

    def show_compare(self) -> ComparePresenter:
        """The page of blind comparisons; what it is connected to is given back."""
        if self._compare is None or self._compare_presenter is None:
            from ui.compare.page import ComparePage
            from ui.compare.presenter import ComparePresenter

            page = self._compare = ComparePage()
            page.back_wanted.connect(self.show_chat)
            parts = self._parts
            presenter = self._compare_presenter = ComparePresenter(
                page, parts.bridge, parts.choice, parts.data, parts.settings, self._chat_page.banner
            )
            presenter.written.connect(parts.chats.refresh)
            presenter.noted.connect(self._compared)
            page.open_wanted.connect(lambda: self.open_wanted.emit(presenter.conversation_id, ""))
            self._stack.addWidget(page)
        self._show(self._compare)
        return self._compare_presenter

    def _compared(self, conversation_id: str) -> None:
        """A vote was kept: it may start an update, and changes how its conversation is shown."""
        parts = self._parts
        parts.learning.rated()
        parts.chats.refresh()
        parts.panel.refresh()
        parts.status.note("")  # the number of ratings it told is no longer true
        if parts.chat.conversation_id == conversation_id:
            parts.drafts.flush()
            parts.chat.reload()

    def show_writing(self) -> None:
        if self._writing is None:
            from assistant import presets
            from ui.writing.page import WritingPage

            data, choice, page = self._parts.data, self._parts.choice, WritingPage()
            self._writing = page

            def refresh(_done: object = None) -> None:
                data.reader.run(
                    lambda store: (presets.own(store), store.lines(), presets.styles(store)),
                    lambda found: page.show_presets(*found),
                )
                choice.refresh()

            def set_style(preset: str, name: str) -> None:
                data.writer.run(
                    lambda store: presets.set_style(store, preset, store.add_line(name) if name else ""),
                    refresh,
                    page.say,
                )

            page.back_wanted.connect(self.show_chat)
            page.list_wanted.connect(refresh)
            page.keep_wanted.connect(
                lambda preset: data.writer.run(lambda store: presets.save(store, preset), refresh, page.say)
            )
            page.delete_wanted.connect(
                lambda preset: data.writer.run(lambda store: presets.delete(store, preset), refresh, page.say)
            )
            page.style_wanted.connect(set_style)
            page.write_wanted.connect(self.write_wanted)
            page.look_wanted.connect(self.look_wanted)
            self._stack.addWidget(page)
        self._show(self._writing)

    def show_privacy(self) -> None:
        if self._privacy is None:
            from ui.privacy.page import PrivacyPage
            from ui.privacy.presenter import PrivacyPresenter

            page = self._privacy = PrivacyPage()
            page.back_wanted.connect(self.show_settings)
            parts = self._parts
            presenter = PrivacyPresenter(
                page, parts.chat, parts.learning, parts.forgetting, parts.data, parts.settings,
                parts.learning_bar,
            )  # fmt: skip
            presenter.export_wanted.connect(lambda: self.export())
            page.snapshots_wanted.connect(self.show_snapshots)
            self._report_problem = presenter.report_problem
            presenter.erased.connect(parts.chats.refresh)
            presenter.erased.connect(parts.panel.refresh)
            self._stack.addWidget(page)
        self._show(self._privacy)

    def report_problem(self) -> None:
        """Show the report of a problem over the page of data."""
        self.show_privacy()
        self._report_problem()

    def show_snapshots(self) -> None:
        if self._snapshots is None:
            from ui.privacy.snapshots_page import SnapshotsPage
            from ui.privacy.snapshots_presenter import SnapshotsPresenter

            page = self._snapshots = SnapshotsPage()
            page.back_wanted.connect(self.show_privacy)
            parts = self._parts
            presenter = SnapshotsPresenter(page, parts.chat, parts.drafts, parts.learning, parts.data)
            presenter.restored.connect(parts.chats.refresh)
            presenter.restored.connect(parts.choice.refresh)
            presenter.restored.connect(parts.panel.refresh)
            self._stack.addWidget(page)
        self._show(self._snapshots)

    def show_trash(self) -> None:
        """Deleted conversations."""
        if self._trash is None:
            from ui.conversations.trash_page import TrashPage

            page = self._trash = TrashPage()
            page.back_wanted.connect(self.show_chat)
            reader, writer = self._parts.data.reader, self._parts.data.writer

            def refresh(_done: object = None) -> None:
                reader.run(lambda store: TrashService(store).contents(), page.show_contents, page.say)

            def restored(found: list[Conversation]) -> None:
                self._parts.chats.refresh()
                page.say(self.tr("Restored %n chat(s).", "", len(found)))
                refresh()

            def removed(count: int) -> None:
                page.say(self.tr("Deleted %n chat(s) for good.", "", count))
                refresh()

            page.list_wanted.connect(refresh)
            page.restore_wanted.connect(
                lambda ids: writer.run(lambda store: TrashService(store).restore(ids), restored, page.say)
            )
            page.purge_wanted.connect(
                lambda ids: writer.run(lambda store: TrashService(store).erase(ids), removed, page.say)
            )
            self._stack.addWidget(page)
        self._show(self._trash)
        self._trash.list_wanted.emit()

    def style_changed(self) -> None:
        """An update has ended, or another version is in use."""
        if self._versions is not None and self._versions.isVisible():
            self._versions.list_wanted.emit()
        if self._ratings is not None and self._ratings.isVisible():
            self._ratings.list_wanted.emit(self._ratings.limit)

    def _show(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        self._header.setVisible(page is self._chat_page)
        if page is not self._chat_page:
            page.back.setFocus()  # type: ignore[attr-defined]

    def use_settings(self, settings: Settings) -> None:
        """Settings were changed elsewhere (zoom keys, model menu)."""
        if self._settings is not None:
            self._settings.show_settings(settings)

    # --- data ------------------------------------------------------------------------------------------

    def _report(self) -> None:
        paths, page = self._parts.data.paths, self._settings
        if page is not None:
            self._parts.data.reader.run(lambda store: LibraryService(store, paths).report(), page.show_report)

    def export(self, conversation_id: str = "") -> None:
        """Ask where to and write an export: one conversation, or everything if ""."""
        banner = self._chat_page.banner
        chosen, _kind = QFileDialog.getSaveFileName(
            self._stack, self.tr("Export to"), "attune.json", self.tr("JSON (*.json)")
        )
        if chosen:
            ids, paths = [conversation_id] if conversation_id else None, self._parts.data.paths
            self._parts.data.reader.run(
                lambda store: LibraryService(store, paths).export(Path(chosen), conversation_ids=ids),
                lambda _done: banner.show_message(self.tr("Exported to {0}.").format(chosen), seconds=8),
                banner.trouble,
            )

    def export_many(self, conversation_ids: list[str]) -> None:
        """Ask where to and write an export of several conversations."""
        banner = self._chat_page.banner
        chosen, _kind = QFileDialog.getSaveFileName(
            self._stack, self.tr("Export to"), "attune.json", self.tr("JSON (*.json)")
        )
        if chosen:
            paths, ids = self._parts.data.paths, list(conversation_ids)
            self._parts.data.reader.run(
                lambda store: LibraryService(store, paths).export(Path(chosen), conversation_ids=ids),
                lambda _done: banner.show_message(self.tr("Exported to {0}.").format(chosen), seconds=8),
                banner.trouble,
            )

    def _import(self) -> None:
        """Ask for an export of any known program, say what would come in, and take it in."""
        chosen, _kind = QFileDialog.getOpenFileName(
            self._stack, self.tr("Import from a file"), "", self.tr("Exports (*.json *.jsonl *.zip)")
        )
        if chosen:
            paths = self._parts.data.paths
            self._parts.data.reader.run(
                lambda store: LibraryService(store, paths).preview_import(Path(chosen)),
                lambda report: self._confirm_import(Path(chosen), report),
                self._chat_page.banner.trouble,
            )

    def _confirm_import(self, path: Path, report: ImportReport) -> None:
        new = self.tr("From {0}: {1} new chats with {2} new messages and {3} ratings.").format(
            report.form, report.conversations, report.messages, report.ratings
        )
        box = QMessageBox(QMessageBox.Icon.Question, self.tr("Import"), new, parent=self._stack.window())
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(self.tr("Nothing that is already here is changed."))
        box.setDetailedText("\n".join(report.left_out))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        take = box.addButton(self.tr("Import"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        take.clicked.connect(lambda: self._take_in(path))
        box.open()

    def _take_in(self, path: Path) -> None:
        banner = self._chat_page.banner

        def done(report: ImportReport) -> None:
            self._parts.chats.refresh()
            self.show_chat()
            told = self.tr("Imported {0}: {1} chats and {2} messages were new.").format(
                path.name, report.conversations, report.messages
            )
            banner.show_message(told, seconds=8)

        paths = self._parts.data.paths
        self._parts.data.writer.run(
            lambda store: LibraryService(store, paths).import_file(path), done, banner.trouble
        )
