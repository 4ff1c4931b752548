"""Has two replies to one message written, by the style and by the original model, in random order; keeps the vote.

Both replies are ordinary branches of an ordinary conversation, so nothing is hidden and either can be gone on from.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assistant.learning.checks.ab_comparison import Score, is_base
from assistant.records import Message
from assistant.services.chat_events import Handle, ReplyDone, ReplyText, SendRefused
from ui.banner import Banner
from ui.compare.pace import Pace
from ui.compare.page import BASE, IN_USE, ComparePage
from ui.current_settings import CurrentSettings
from ui.engine_bridge import EngineBridge
from ui.ratings.words import score_text, version_name, version_names
from ui.store_thread import StoreAccess
from ui.styles.style_choice_presenter import StyleChoicePresenter

if TYPE_CHECKING:
    from assistant.services.chat import ChatService
    from assistant.services.chat_job import Personal
    from assistant.store import Store

_PROMPTS = 20


class ComparePresenter(QObject):
    noted = Signal(str)  # a vote is kept on replies of this conversation
    written = Signal()  # there is another conversation

    def __init__(
        self,
        page: ComparePage,
        bridge: EngineBridge,
        choice: StyleChoicePresenter,
        data: StoreAccess,
        settings: CurrentSettings,
        banner: Banner,
    ) -> None:
        super().__init__(page)
        self._page, self._bridge, self._choice = page, bridge, choice
        self._data, self._settings, self._banner = data, settings, banner
        self._sides: tuple[str, str] = (IN_USE, BASE)  # of A and B: version id, or one of these two
        self._versions: list[tuple[str, str]] = []  # (id, name) of those that can write
        self._wish = ""  # a version to be chosen when the list is there
        self._offered = False  # two replies that were there already
        self._prompt = ""
        self._ids: list[str] = []  # of the replies, A first
        self._early: list[ReplyText] = []  # text that came before the replies' ids were known
        self._done: list[Message] = []  # in the same order, once both are there
        self._handles: tuple[Handle, ...] = ()
        self._pace = Pace()
        self._conversation_id = ""
        self._blind = True
        page.list_wanted.connect(self.refresh)
        page.start_wanted.connect(self.start)
        page.voted.connect(self._vote)
        page.skipped.connect(self._skip)
        bridge.chat_event.connect(self._on_event)

    @property
    def conversation_id(self) -> str:
        """Where the two replies are."""
        return self._conversation_id

    # --- two replies --------------------------------------------------------------------------------------

    def start(self, prompt: str) -> None:
        """Have both written; which stands where is drawn by lot, unless the user wants to see it."""
        settings = self._settings.now
        sides = list(self._page.chosen())
        self._blind = self._page.blind.isChecked()
        if self._blind:
            random.shuffle(sides)
        self._sides = (sides[0], sides[1])
        # The same seed on both sides, so that chance plays no part in how far apart they are.
        seed = settings.sampling.seed if settings.sampling.seed is not None else random.getrandbits(31)
        self._prompt, self._ids, self._done, self._pace = prompt, [], [], Pace()
        self._early, self._offered = [], False
        self._page.begin()
        if not self._blind:
            self._reveal()

        line = self._choice.line

        def work(_store: Store, chat: ChatService) -> tuple[Handle, Handle]:
            both = (self._personal(0, chat, line), self._personal(1, chat, line))
            return chat.send_pair(prompt, both, sampling=replace(chat.sampling(), seed=seed), line=line)

        self._bridge.ask(work, self._begun, self._page.stop)

    def try_out(self, version: str) -> None:
        """Before and after: a version beside the original model, with open eyes."""
        self._wish = version
        self._page.show_both_openly()
        self.refresh()

    def offer(self, first: Message, second: Message, prompt: str) -> None:
        """Show two replies that are there already: which is better?"""
        pair = [first, second]
        random.shuffle(pair)
        self._blind, self._offered, self._prompt = True, True, prompt
        self._ids, self._done = [m.id for m in pair], pair
        self._conversation_id = first.conversation_id
        for pane, message in zip(self._page.panes, pair, strict=True):
            pane.begin("")
            pane.show_text(message.text)
        self._page.ask(prompt)

    def _personal(self, number: int, chat: ChatService, line: str) -> Personal:
        """Who writes a side. The style in use writes as it does in a chat, with guidance and best-of-n as they are set."""
        from assistant.services.chat_job import Personal

        side = self._sides[number]
        if side == BASE:
            return Personal(comparing="base")
        if side == IN_USE:
            return replace(chat.personal_in(line), comparing="side")
        return Personal(style=str(self._data.paths.styles / side), style_name=side, comparing="side")

    def _wrote(self, number: int) -> bool:
        """Did the side that was planned really write this reply? Its record tells."""
        made, side = self._done[number].generation, self._sides[number]
        if made is None:
            return False
        if side == BASE:
            return is_base(made) and made.details.base_check is not None
        return not is_base(made) if side == IN_USE else made.style == side

    def _names(self) -> list[str]:
        names = dict(self._versions)
        words = {BASE: self.tr("the original model"), IN_USE: self.tr("my style")}
        found = []
        for number, side in enumerate(self._sides):
            style = ""
            if side == IN_USE and number < len(self._done) and (made := self._done[number].generation):
                style = names.get(made.style or "", "")
            found.append(style or words.get(side) or names.get(side, side))
        return found

    def _reveal(self) -> None:
        for pane, name in zip(self._page.panes, self._names(), strict=True):
            pane.reveal(name)

    def _begun(self, handles: tuple[Handle, Handle]) -> None:
        self._handles = handles
        self._conversation_id = handles[0].conversation_id
        self._ids = [handle.reply_id for handle in handles]
        early, self._early = self._early, []
        for event in early:
            self._on_event(event)
        for handle in handles:
            # What came before this was known: the whole reply, or why there is none.
            if handle.refused:
                self._give_up(handle.refused)
            elif handle.message is not None:
                self._finished(handle.message)
        self.written.emit()

    def _on_event(self, event: object) -> None:
        if self._page.state != "writing":
            return
        if not self._ids:
            if isinstance(event, ReplyText):
                self._early.append(event)
            return
        if isinstance(event, ReplyText) and event.reply_id in self._ids:
            self._pace.add(self._ids.index(event.reply_id), event.text, event.count)
            self._show_paced()
        elif isinstance(event, ReplyDone) and event.message.id in self._ids:
            self._finished(event.message)
        elif isinstance(event, SendRefused) and event.reply_id in self._ids:
            self._give_up(event.reason)

    def _show_paced(self) -> None:
        """Neither side is shown ahead of the other, so the pace tells nothing."""
        for pane, text in zip(self._page.panes, self._pace.due(), strict=True):
            if text:
                pane.append(text)
        if self._pace.began and BASE in self._sides:
            # The engine writes no word of that side before it has made sure of it.
            self._page.show_checked(self.tr("Checked before the first word: one side is the original model."))

    def _finished(self, message: Message) -> None:
        if message.error or message.generation is None:
            self._give_up(message.error or self.tr("A reply was cut off, so there is nothing to compare."))
            return
        if message.id in {known.id for known in self._done}:
            return
        self._done = sorted([*self._done, message], key=lambda known: self._ids.index(known.id))
        self._pace.end(self._ids.index(message.id))
        self._show_paced()
        if len(self._done) == 2:
            self._both_done()

    def _give_up(self, why: str) -> None:
        self._stop_writing()
        self._page.stop(why)

    def _stop_writing(self) -> None:
        handles, self._handles = self._handles, ()

        def work(_store: Store, chat: ChatService) -> None:
            for handle in handles:
                if not handle.done:
                    chat.stop(handle)

        if handles:
            self._bridge.ask(work)

    def _both_done(self) -> None:
        for pane, message in zip(self._page.panes, self._done, strict=True):
            pane.show_text(message.text)
        self._show_check()
        # Not what was asked for but what was done decides whether it counts.
        if not (self._wrote(0) and self._wrote(1)):
            self._page.stop(
                self.tr("Both replies were written by the original model, so there is nothing to compare.")
                if all(m.generation is not None and is_base(m.generation) for m in self._done)
                else self.tr(
                    "The replies were not written by the two sides as planned, so this comparison does not count."
                )
            )
        elif self._done[0].text == self._done[1].text:
            self._page.stop(self.tr("Both replies are the same."))
        elif self._blind:
            self._page.ask()
        else:
            self._page.show_difference(self._done[0].text, self._done[1].text)

    def _show_check(self) -> None:
        checks = [m.generation.details.base_check for m in self._done if m.generation is not None]
        found = next((check for check in checks if check), None)
        if found is not None:
            self._page.show_checked(
                self.tr(
                    "Checked before the first word: one side is the original model "
                    "(its logits are the stored model's, largest difference {0})."
                ).format(f"{found.difference:.2g}")
            )

    # --- the vote -----------------------------------------------------------------------------------------

    def _vote(self, value: int) -> None:
        ids, model, line = list(self._ids), self._settings.now.model, self._choice.line
        against_base = not self._offered and BASE in self._sides
        style = next((m.generation.style for m in self._done if m.generation and m.generation.style), None)

        def work(store: Store) -> tuple[Score, bool, str]:
            from assistant.learning import style_queries
            from assistant.learning.checks import ab_comparison

            store.add_rating("pair", value, ids[0], other_id=ids[1])
            chosen = ids[0] if value >= 0 else ids[1]
            conversation = store.message(chosen).conversation_id
            store.set_leaf(conversation, store.last_leaf_under(chosen))
            score = ab_comparison.score(store, model, style, line)
            current = store.current_style(model, line)
            lost = against_base and style is not None and style == current and score.loses_clearly
            if lost:
                store.use_style(model, None, line)
            number = style_queries.numbers(store.styles(model, deleted=True)).get(style or "", 0)
            name = version_name(store.style(style), number) if style else ""
            return score, lost, name

        self._data.writer.run(work, self._voted, self._page.stop)

    def _voted(self, found: tuple[Score, bool, str]) -> None:
        score, lost, name = found
        page = self._page
        note = self.tr("Saved.")
        if lost:
            note = self.tr("{0} keeps losing to the original model, so it was switched off. {1}").format(
                name, score_text(score)
            )
        page.reveal(["", ""] if self._offered else self._names(), note)
        if not self._offered and BASE in self._sides:
            page.show_score(score_text(score))
        if lost:
            self._banner.show_message(note, "warning", key="style off")
        self.noted.emit(self._conversation_id)

    def _skip(self) -> None:
        self._stop_writing()
        self._ids = []
        self._page.say(self.tr("Skipped. Nothing was saved."))

    # --- what there is to compare -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Can anything be compared, how does it stand, which messages and versions are there to choose from."""
        settings, styles = self._settings.now, self._data.paths.styles
        model = settings.model
        line = self._choice.line

        def read(store: Store) -> tuple[bool, Score, list[str], list[tuple[str, str]]]:
            from assistant.learning import style_queries
            from assistant.learning.checks import ab_comparison

            current = store.current_style(model, line)
            names = version_names(store, model)
            versions = [
                (version.id, names[version.id])
                for version in store.styles(model, deleted=True)
                if version.state != "deleted" and (styles / version.id).is_dir()
            ]
            learned = bool(versions) or (
                settings.guidance_on and style_queries.style(store, model, line).ratings >= 3
            )
            score = ab_comparison.score(store, model, current, line)
            return learned, score, store.recent_prompts(_PROMPTS), versions

        def show(found: tuple[bool, Score, list[str], list[tuple[str, str]]]) -> None:
            learned, score, prompts, self._versions = found
            why = ""
            if not settings.style_on:
                why = self.tr("Your style is off. Turn it on to compare.")
            elif not learned:
                why = self.tr("There is no style to compare yet. Rate a few replies first.")
            self._page.show_versions(self._versions)
            if self._wish:
                self._page.choose(self._wish, BASE)
                self._wish = ""
            self._page.set_possible(why)
            self._page.show_score(score_text(score))
            self._page.show_prompts(prompts)

        self._data.reader.run(read, show)
