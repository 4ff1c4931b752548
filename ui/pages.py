"""The pages behind the chat, made when first shown; and export and import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from assistant.settings import Settings

if TYPE_CHECKING:
    from ui.compare.page import ComparePage
    from ui.compare.presenter import ComparePresenter
    from ui.main_window import MainWindow
    from ui.models.page import ModelsPage
    from ui.privacy.page import PrivacyPage
    from ui.ratings.page import RatingsPage
    from ui.settings.page import SettingsPage
    from ui.versions.page import VersionsPage
    from ui.writing.page import WritingPage


class Pages(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._settings: SettingsPage | None = None
        self._models: ModelsPage | None = None
        self._keys: QWidget | None = None
        self._versions: VersionsPage | None = None
        self._ratings: RatingsPage | None = None
        self._compare: ComparePage | None = None
        self._privacy: PrivacyPage | None = None
        self._writing: WritingPage | None = None
        self._compare_presenter: ComparePresenter | None = None
        window.page.welcome.models_wanted.connect(self.show_models)

    @property
    def at_chat(self) -> bool:
        return self._window.stack.currentWidget() is self._window.page

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
            self._show(self._window.page)
            self._window.page.composer.setFocus()

    def show_settings(self) -> None:
        window = self._window
        if self._settings is None:
            from ui.settings.page import SettingsPage

            page = self._settings = SettingsPage(window.settings)
            page.back_wanted.connect(self.show_chat)
            page.changed.connect(window.use_settings)
            page.report_wanted.connect(self._report)
            page.keys_wanted.connect(self.show_keys)
            page.export_wanted.connect(lambda: self.export(""))
            page.import_wanted.connect(self._import)
            page.data_wanted.connect(self.show_privacy)
            window.stack.addWidget(page)
            self.show_advice()
        self._show(self._settings)

    def show_advice(self) -> None:
        """The settings show what the loaded model recommends where the user chose nothing."""
        info = self._window.bridge.model
        if self._settings is not None and info is not None:
            self._settings.replies.show_advice(info.sampling, self._window.settings)

    def show_models(self) -> None:
        window = self._window
        if self._models is None:
            from ui.models.page import ModelsPage

            page = self._models = ModelsPage()
            page.back_wanted.connect(self.show_chat)
            window.models.serve(page)
            window.stack.addWidget(page)
        self._show(self._models)

    def show_keys(self) -> None:
        if self._keys is None:
            from ui.shortcuts_page import KeysPage

            page = KeysPage(self._window.actions_)
            page.back_wanted.connect(self.show_chat)
            self._window.stack.addWidget(page)
            self._keys = page
        self._show(self._keys)

    def show_versions(self) -> None:
        if self._versions is None:
            from ui.versions.page import VersionsPage
            from ui.versions.presenter import VersionsPresenter

            page = self._versions = VersionsPage()
            page.back_wanted.connect(self.show_chat)
            VersionsPresenter(self._window, page)
            self._window.stack.addWidget(page)
        self._show(self._versions)

    def show_ratings(self) -> None:
        if self._ratings is None:
            from ui.ratings.page import RatingsPage
            from ui.ratings.presenter import RatingsPresenter

            page = self._ratings = RatingsPage()
            page.back_wanted.connect(self.show_chat)
            RatingsPresenter(self._window, page)
            self._window.stack.addWidget(page)
        self._show(self._ratings)

    def show_compare(self) -> ComparePresenter:
        """The page of blind comparisons; what it is connected to is given back."""
        if self._compare is None or self._compare_presenter is None:
            from ui.compare.page import ComparePage
            from ui.compare.presenter import ComparePresenter

            page = self._compare = ComparePage()
            page.back_wanted.connect(self.show_chat)
            self._compare_presenter = ComparePresenter(self._window, page)
            self._window.stack.addWidget(page)
        self._show(self._compare)
        return self._compare_presenter

    def show_writing(self) -> None:
        if self._writing is None:
            from assistant import presets
            from ui.writing.page import WritingPage

            window, page = self._window, WritingPage()
            self._writing = page

            def refresh(_done: object = None) -> None:
                window.reader.run(
                    lambda store: (presets.own(store), store.lines(), presets.styles(store)),
                    lambda found: page.show_presets(*found),
                )
                window.styles.refresh()

            def set_style(preset: str, name: str) -> None:
                window.writer.run(
                    lambda store: presets.set_style(store, preset, store.add_line(name) if name else ""),
                    refresh,
                    page.say,
                )

            page.back_wanted.connect(self.show_chat)
            page.list_wanted.connect(refresh)
            page.keep_wanted.connect(
                lambda preset: window.writer.run(lambda store: presets.save(store, preset), refresh, page.say)
            )
            page.delete_wanted.connect(
                lambda preset: window.writer.run(
                    lambda store: presets.delete(store, preset), refresh, page.say
                )
            )
            page.style_wanted.connect(set_style)
            page.write_wanted.connect(window.write_text)
            page.look_wanted.connect(window.look_at_text)
            window.stack.addWidget(page)
        self._show(self._writing)

    def show_privacy(self) -> None:
        if self._privacy is None:
            from ui.privacy.page import PrivacyPage
            from ui.privacy.presenter import PrivacyPresenter

            page = self._privacy = PrivacyPage()
            page.back_wanted.connect(self.show_settings)
            PrivacyPresenter(self._window, page)
            self._window.stack.addWidget(page)
        self._show(self._privacy)

    def style_changed(self) -> None:
        """An update has ended, or another version is in use."""
        if self._versions is not None and self._versions.isVisible():
            self._versions.list_wanted.emit()
        if self._ratings is not None and self._ratings.isVisible():
            self._ratings.list_wanted.emit(self._ratings.limit)

    def _show(self, page: QWidget) -> None:
        window = self._window
        window.stack.setCurrentWidget(page)
        window.header.setVisible(page is window.page)
        if page is not window.page:
            page.back.setFocus()  # type: ignore[attr-defined]

    def use_settings(self, settings: Settings) -> None:
        """Settings were changed elsewhere (zoom keys, model menu)."""
        if self._settings is not None:
            self._settings.show_settings(settings)

    # --- data ------------------------------------------------------------------------------------------

    def _report(self) -> None:
        from ui.data_report import report

        paths, page = self._window.paths, self._settings
        if page is not None:
            self._window.reader.run(lambda store: report(store, paths), page.show_report)

    def export(self, conversation_id: str) -> None:
        """Ask where to and write an export: one conversation, or everything if ""."""
        window = self._window
        chosen, _kind = QFileDialog.getSaveFileName(
            window, self.tr("Export to"), "attune.json", self.tr("JSON (*.json)")
        )
        if chosen:
            ids = [conversation_id] if conversation_id else None
            window.reader.run(
                lambda store: store.export_json(Path(chosen), conversation_ids=ids),
                lambda _done: window.notices.say(self.tr("Exported to {0}.").format(chosen), seconds=8),
                window.notices.trouble,
            )

    def _import(self) -> None:
        window = self._window
        chosen, _kind = QFileDialog.getOpenFileName(
            window, self.tr("Import from a file"), "", self.tr("JSON (*.json)")
        )
        if chosen:

            def done(_report: object) -> None:
                window.list.refresh()
                self.show_chat()
                window.notices.say(self.tr("Imported {0}.").format(Path(chosen).name), seconds=8)

            window.writer.run(lambda store: store.import_json(Path(chosen)), done, window.notices.trouble)
