"""Has two replies to one message written, by the style and by the model as it is, in random order; keeps the vote.

Both replies are ordinary branches of an ordinary conversation, so nothing is hidden and either can be gone on from.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from assistant.chat_events import Handle, ReplyDone, ReplyText, SendRefused
from assistant.learning.comparing import Score, is_base
from assistant.records import Message
from ui.compare.page import BASE, IN_USE, ComparePage
from ui.ratings.words import score_text, version_name, version_names

if TYPE_CHECKING:
    from assistant.chat import Chat
    from assistant.store import Store
    from ui.main_window import MainWindow

_PROMPTS = 20


class CompareFlow(QObject):
    def __init__(self, window: MainWindow, page: ComparePage) -> None:
        super().__init__(page)
        self._window, self._page = window, page
        self._sides: tuple[str, str] = (IN_USE, BASE)  # of A and B: version id, or one of these two
        self._versions: list[tuple[str, str]] = []  # (id, name) of those that can write
        self._wish = ""  # a version to be chosen when the list is there
        self._offered = False  # two replies that were there already
        self._prompt = ""
        self._ids: list[str] = []  # of the replies, A first
        self._done: list[Message] = []
        self._conversation_id = ""
        self._blind = True
        self._live = True
        self._seed = 0
        self._handle: Handle | None = None
        page.list_wanted.connect(self.refresh)
        page.start_wanted.connect(self.start)
        page.voted.connect(self._vote)
        page.skipped.connect(self._skip)
        page.open_wanted.connect(lambda: window.open_chat(self._conversation_id))
        window.bridge.chat_event.connect(self._on_event)

    # --- two replies --------------------------------------------------------------------------------------

    def start(self, prompt: str) -> None:
        """Have both written; which stands where is drawn by lot, unless the user wants to see it."""
        settings = self._window.settings
        sides = list(self._page.chosen())
        self._blind = self._page.blind.isChecked()
        if self._blind:
            random.shuffle(sides)
        self._sides = (sides[0], sides[1])
        self._seed = settings.sampling.seed if settings.sampling.seed is not None else random.getrandbits(31)
        # A reply chosen among several comes all at once: its pace would tell whose it is.
        self._live = not (self._blind and settings.best_of_on and IN_USE in sides)
        self._prompt, self._ids, self._done = prompt, [], []
        self._offered = False
        self._page.begin(self._live)
        if not self._blind:
            self._reveal()

        line = self._window.styles.line

        def work(_store: Store, chat: Chat) -> Handle:
            return chat.send(None, prompt, sampling=self._sampling(), personal=self._personal(0), line=line)

        self._window.bridge.ask(work, self._begun, self._page.stop)

    def try_out(self, version: str) -> None:
        """Before and after: a version beside the model as it is, with open eyes."""
        self._wish = version
        self._page.blind.setChecked(False)
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

    def _sampling(self) -> Any:
        return replace(self._window.settings.sampling, seed=self._seed)

    def _personal(self, number: int) -> Any:
        from assistant.chat_job import Personal

        side = self._sides[number]
        if side == BASE:
            return Personal()
        if side == IN_USE:
            return None  # what is in use when the engine is asked
        return Personal(style=str(self._window.paths.styles / side), style_name=side)

    def _wrote(self, number: int) -> bool:
        """Did the side that was planned really write this reply? Its record tells."""
        made, side = self._done[number].generation, self._sides[number]
        if made is None:
            return False
        if side == BASE:
            return is_base(made)
        return not is_base(made) if side == IN_USE else made.style == side

    def _names(self) -> list[str]:
        names = dict(self._versions)
        words = {BASE: self.tr("the model as it is"), IN_USE: self.tr("my style")}
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

    def _begun(self, handle: Handle) -> None:
        if handle.refused:
            self._page.stop(handle.refused)
            return
        self._handle = handle
        self._conversation_id = handle.conversation_id
        self._ids.append(handle.reply_id)
        self._window.list.refresh()

    def _on_event(self, event: object) -> None:
        if self._page.state != "writing" or not self._ids:
            return
        if isinstance(event, ReplyText) and event.reply_id == self._ids[-1] and self._live:
            self._page.panes[len(self._ids) - 1].append(event.text)
        elif isinstance(event, ReplyDone) and event.message.id == self._ids[-1]:
            self._finished(event.message)
        elif isinstance(event, SendRefused) and event.reply_id == self._ids[-1]:
            self._page.stop(event.reason)

    def _finished(self, message: Message) -> None:
        self._done.append(message)
        if message.error or message.generation is None:
            self._page.stop(message.error or self.tr("A reply was cut off, so there is nothing to compare."))
        elif len(self._done) == 1:
            if self._live:
                self._page.panes[0].show_text(message.text)
            first = self._ids[0]

            def work(_store: Store, chat: Chat) -> Handle:
                return chat.regenerate(first, sampling=self._sampling(), personal=self._personal(1))

            self._window.bridge.ask(work, self._begun, self._page.stop)
        else:
            self._both_done()

    def _both_done(self) -> None:
        for pane, message in zip(self._page.panes, self._done, strict=True):
            pane.show_text(message.text)
        # Not what was asked for but what was done decides whether it counts.
        if not (self._wrote(0) and self._wrote(1)):
            self._page.stop(
                self.tr("Both replies came from the model as it is, so there is nothing to compare.")
                if all(m.generation is not None and is_base(m.generation) for m in self._done)
                else self.tr(
                    "The replies were not written by the two sides as planned; this one does not count."
                )
            )
        elif self._done[0].text == self._done[1].text:
            self._page.stop(self.tr("Both wrote the very same reply; there is nothing to choose."))
        elif self._blind:
            self._page.ask()
        else:
            self._page.show_difference(self._done[0].text, self._done[1].text)

    # --- the vote -----------------------------------------------------------------------------------------

    def _vote(self, value: int) -> None:
        ids, model, line = list(self._ids), self._window.settings.model, self._window.styles.line
        against_base = not self._offered and BASE in self._sides
        style = next((m.generation.style for m in self._done if m.generation and m.generation.style), None)

        def work(store: Store) -> tuple[Score, bool, str]:
            from assistant.learning import comparing, ledger

            store.add_rating("pair", value, ids[0], other_id=ids[1])
            chosen = ids[0] if value >= 0 else ids[1]
            conversation = store.message(chosen).conversation_id
            store.set_leaf(conversation, store.last_leaf_under(chosen))
            score = comparing.score(store, model, style, line)
            current = store.current_style(model, line)
            lost = against_base and style is not None and style == current and score.loses_clearly
            if lost:
                store.use_style(model, None, line)
            number = ledger.numbers(store.styles(model, deleted=True)).get(style or "", 0)
            name = version_name(store.style(style), number) if style else ""
            return score, lost, name

        self._window.desk.run(work, self._voted, self._page.stop)

    def _voted(self, found: tuple[Score, bool, str]) -> None:
        score, lost, name = found
        window, page = self._window, self._page
        note = self.tr("Noted.")
        if lost:
            note = self.tr("{0} keeps losing to the model as it is, so it has been switched off. {1}").format(
                name, score_text(score)
            )
        page.reveal(["", ""] if self._offered else self._names(), note)
        if not self._offered and BASE in self._sides:
            page.show_score(score_text(score))
        if lost:
            window.notices.say(note, "warning", key="style off")
        window.learning.consider()
        window.list.refresh()
        if window.chat.conversation_id == self._conversation_id:
            window.drafts.flush()
            window.chat.reload()

    def _skip(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None and not handle.done:
            self._window.bridge.ask(lambda _store, chat: chat.stop(handle))
        self._ids = []
        self._page.say(self.tr("Skipped; nothing was noted."))

    # --- what there is to compare -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Can anything be compared, how does it stand, which messages and versions are there to choose from."""
        settings, model, styles = (
            self._window.settings,
            self._window.settings.model,
            self._window.paths.styles,
        )

        line = self._window.styles.line

        def read(store: Store) -> tuple[bool, Score, list[str], list[tuple[str, str]]]:
            from assistant.learning import comparing, ledger

            current = store.current_style(model, line)
            names = version_names(store, model)
            versions = [
                (version.id, names[version.id])
                for version in store.styles(model, deleted=True)
                if version.state != "deleted" and (styles / version.id).is_dir()
            ]
            learned = bool(versions) or (
                settings.guidance_on and ledger.style(store, model, line).ratings >= 3
            )
            score = comparing.score(store, model, current, line)
            return learned, score, store.recent_prompts(_PROMPTS), versions

        def show(found: tuple[bool, Score, list[str], list[tuple[str, str]]]) -> None:
            learned, score, prompts, self._versions = found
            why = ""
            if not settings.style_on:
                why = self.tr("Your style is switched off; switch it on to compare.")
            elif not learned:
                why = self.tr("There is no style to compare yet. Rate a few replies first.")
            self._page.show_versions(self._versions)
            if self._wish:
                self._page.choose(self._wish, BASE)
                self._wish = ""
            self._page.set_possible(why)
            self._page.show_score(score_text(score))
            self._page.show_prompts(prompts)

        self._window.reader.run(read, show)
