"""Connects learning to the window: the bar, the style panel, and what a correction or a switch does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.learning.style_queries import Evidence, LearnedTrait, Share
from assistant.records import Shift
from assistant.services.learning import Outcome
from assistant.settings import Settings
from ui.chat_page import ChatPage
from ui.chat_presenter import ChatPresenter
from ui.current_settings import CurrentSettings
from ui.engine_bridge import EngineBridge
from ui.learning.bar import LearningBar
from ui.learning.trait_words import ends
from ui.learning.update_presenter import UpdatePresenter
from ui.ratings.words import panel_data
from ui.status_line import StatusLine
from ui.store_thread import StoreAccess
from ui.style_panel import StylePanel
from ui.styles.style_choice_presenter import StyleChoicePresenter

if TYPE_CHECKING:
    from assistant.learning_records import FinishedReply
    from assistant.store import Store


class StylePanelPresenter(QObject):
    style_changed = Signal()  # an update has ended

    def __init__(
        self,
        learning: UpdatePresenter,
        chat: ChatPresenter,
        bridge: EngineBridge,
        choice: StyleChoicePresenter,
        data: StoreAccess,
        settings: CurrentSettings,
        panel: StylePanel,
        bar: LearningBar,
        page: ChatPage,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._learning, self._chat, self._bridge, self._choice = learning, chat, bridge, choice
        self._data, self._settings = data, settings
        self._panel, self._bar, self._status = panel, bar, status
        self._transcript, self._banner = page.transcript, page.banner
        learning.state_changed.connect(lambda _state: bar.set_line(learning.line))
        learning.state_changed.connect(bar.set_state)
        learning.state_changed.connect(lambda _state: self._can_learn())
        learning.stepped.connect(bar.show_step)
        learning.ended.connect(self._ended)
        learning.waiting_changed.connect(lambda _count: self.refresh())
        bridge.phase_changed.connect(lambda _phase: self._can_learn())
        bar.pause_wanted.connect(learning.pause)
        bar.cancel_wanted.connect(learning.cancel)
        page.composer.draft_changed.connect(lambda _text: learning.touch())
        chat.busy_changed.connect(lambda _busy: learning.touch())
        chat.rated.connect(lambda _result: self._rated())
        panel.style_switched.connect(self._switched)
        panel.learn_wanted.connect(lambda: learning.learn_now(choice.line))
        panel.practise_wanted.connect(lambda: learning.learn_now(choice.line, deep=True))
        panel.trait_wanted.connect(self._show_trait)
        panel.corrected.connect(self._correct)
        page.transcript.rule_requested.connect(self._make_rule)
        page.transcript.details_requested.connect(self._explain)
        page.transcript.words_requested.connect(self._colour_words)
        self._can_learn()

    def use_settings(self, settings: Settings) -> None:
        self._learning.use_settings(settings)
        self._panel.show_switch(settings.style_on)
        self._choice.show_on(settings.style_on)

    def _switched(self, on: bool) -> None:
        self._settings.change(style_on=on)
        self._status.note(
            self.tr("Replies are written in your style.")
            if on
            else self.tr("Your style is off: the original model writes the replies.")
        )

    def refresh(self) -> None:
        """Read which styles there are, and what the panel shows, if it is shown."""
        panel = self._panel
        self._choice.refresh()
        if panel.isHidden():
            return
        settings, paths, (line, style) = self._settings.now, self._data.paths, self._chat.style
        self._data.reader.run(lambda store: panel_data(store, settings, paths, line, style), panel.show_data)
        if panel.open_trait:
            self._read_trait(panel.open_trait)

    def _rated(self) -> None:
        self._learning.touch()
        self._learning.rated()

    def _can_learn(self) -> None:
        why = "" if self._bridge.phase == "ready" else self.tr("A model has to be loaded first.")
        self._panel.set_can_learn(self._learning.can_learn, why)

    def _ended(self, outcome: Outcome) -> None:
        self._bar.show_outcome(outcome)
        self.style_changed.emit()
        self.refresh()

    def _show_trait(self, trait: LearnedTrait) -> None:
        self._read_trait(trait.name)

    def _read_trait(self, name: str) -> None:
        model, line = self._settings.now.model, self._choice.line

        def read(store: Store) -> tuple[LearnedTrait, list[Evidence]]:
            from assistant.learning import style_queries

            traits = style_queries.style(store, model, line).traits
            # A habit of wording may be among the telling ones no more.
            trait = next((t for t in traits if t.name == name), LearnedTrait(name, 0.0, 0.0, None))
            return trait, style_queries.evidence(store, model, name, trait.weight, line=line)

        self._data.reader.run(read, lambda found: self._panel.show_trait(*found))

    def _explain(self, message_id: str) -> None:
        model, line = self._settings.now.model, self._choice.line

        def read(store: Store) -> tuple[float, list[Share]]:
            from assistant.learning import style_queries

            return style_queries.why(store, model, store.message(message_id).text, line=line)

        def show(found: tuple[float, list[Share]]) -> None:
            score, parts = found
            if not parts:
                text = self.tr("Your ratings say nothing about its style yet.")
            else:
                said = []
                for part in parts:
                    more, less = ends(part.name)
                    said.append(f"{more if part.shown > 0 else less} {part.adds:+.2f}")
                text = self.tr("Score by your ratings {0}: {1}").format(f"{score:+.2f}", ", ".join(said))
            self._transcript.show_why(message_id, text)

        self._data.reader.run(read, show, lambda _why: None)

    def _colour_words(self, message_id: str) -> None:
        """Have the engine read a reply with and without its style, and colour its words."""
        transcript, settings = self._transcript, self._settings.now
        paths, model = self._data.paths, self._bridge.model

        def make(store: Store) -> FinishedReply:
            from assistant import token_attribution

            return token_attribution.request(store, settings, paths, model, message_id)

        def done(found: Shift) -> None:
            from assistant import token_attribution

            view = transcript.message_list().view_of(message_id)
            if view is not None:
                transcript.show_words(
                    message_id, token_attribution.words(found, view.message.text), found.end
                )

        transcript.show_words(message_id, note=self.tr("Comparing the words with and without your style…"))
        self._bridge.reread(make, done, lambda why: transcript.show_words(message_id, note=why))

    def _make_rule(self, name: str, weight: float) -> None:
        more, less = ends(name)
        self._correct(name, weight)
        self._status.note(self.tr("From now on: {0}.").format(more if weight > 0 else less))

    def _correct(self, name: str, weight: float | None) -> None:
        line = self._choice.line

        def write(store: Store) -> None:
            from assistant.learning import style_queries

            style_queries.correct(store, name, weight, line)

        self._data.writer.run(write, lambda _done: self.refresh(), self._banner.trouble)
