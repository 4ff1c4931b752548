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
from ui.compare.page import ComparePage
from ui.ratings.words import score_text, version_name

if TYPE_CHECKING:
    from assistant.chat import Chat
    from assistant.store import Store
    from ui.main_window import MainWindow

_PROMPTS = 20


class CompareFlow(QObject):
    def __init__(self, window: MainWindow, page: ComparePage) -> None:
        super().__init__(page)
        self._window, self._page = window, page
        self._bases: tuple[bool, bool] = (True, False)  # of A and B: is it written by the model as it is?
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
        """Have both written; which is which is drawn by lot."""
        settings = self._window.settings
        first_is_base = random.random() < 0.5
        self._bases = (first_is_base, not first_is_base)
        self._seed = settings.sampling.seed if settings.sampling.seed is not None else random.getrandbits(31)
        # A reply chosen among several comes all at once: its pace would tell whose it is.
        self._live = not settings.best_of_on
        self._blind, self._prompt, self._ids, self._done = True, prompt, [], []
        self._page.begin(self._live)

        def work(_store: Store, chat: Chat) -> Handle:
            return chat.send(None, prompt, sampling=self._sampling(), personal=self._personal(0))

        self._window.bridge.ask(work, self._begun, self._page.stop)

    def offer(self, first: Message, second: Message, prompt: str) -> None:
        """Show two replies that are there already: which is better?"""
        pair = [first, second]
        random.shuffle(pair)
        self._blind, self._prompt = False, prompt
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

        return Personal() if self._bases[number] else None  # None: the style in use

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
        # Not what was asked for but what was done decides which side is the base model.
        real = tuple(m.generation is not None and is_base(m.generation) for m in self._done)
        for pane, message in zip(self._page.panes, self._done, strict=True):
            pane.show_text(message.text)
        if real != self._bases:
            self._page.stop(
                self.tr("Both replies came from the model as it is, so there is nothing to compare.")
                if all(real)
                else self.tr(
                    "The replies were not written by the two sides as planned; this one does not count."
                )
            )
        elif self._done[0].text == self._done[1].text:
            self._page.stop(self.tr("Both wrote the very same reply; there is nothing to choose."))
        else:
            self._page.ask()

    # --- the vote -----------------------------------------------------------------------------------------

    def _vote(self, value: int) -> None:
        ids, blind, model = list(self._ids), self._blind, self._window.settings.model
        style = next((m.generation.style for m in self._done if m.generation and m.generation.style), None)

        def work(store: Store) -> tuple[Score, bool, str]:
            from assistant.learning import comparing, ledger

            store.add_rating("pair", value, ids[0], other_id=ids[1])
            chosen = ids[0] if value >= 0 else ids[1]
            conversation = store.message(chosen).conversation_id
            store.set_leaf(conversation, store.last_leaf_under(chosen))
            score = comparing.score(store, model, style)
            lost = blind and style is not None and score.loses_clearly and store.current_style(model) == style
            if lost:
                store.use_style(model, None)
            number = ledger.numbers(store.styles(model, deleted=True)).get(style or "", 0)
            name = version_name(store.style(style), number) if style else ""
            return score, lost, name

        self._window.desk.run(work, self._voted, self._page.stop)

    def _voted(self, found: tuple[Score, bool, str]) -> None:
        score, lost, name = found
        window, page = self._window, self._page
        who = ["", ""]
        note = self.tr("Noted.")
        if self._blind:
            mine = name or self.tr("your style")
            who = [self.tr("the model as it is") if base else mine for base in self._bases]
            note = self.tr("Noted.")
        if lost:
            note = self.tr("{0} keeps losing to the model as it is, so it has been switched off. {1}").format(
                name, score_text(score)
            )
        page.reveal(who, note)
        if self._blind:
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
        """Can anything be compared, how does it stand, which messages are there to choose from."""
        settings, model = self._window.settings, self._window.settings.model

        def read(store: Store) -> tuple[bool, Score, list[str]]:
            from assistant.learning import comparing, ledger

            current = store.current_style(model)
            learned = current is not None or (
                settings.guidance_on and ledger.style(store, model).ratings >= 3
            )
            return learned, comparing.score(store, model, current), store.recent_prompts(_PROMPTS)

        def show(found: tuple[bool, Score, list[str]]) -> None:
            learned, score, prompts = found
            why = ""
            if not settings.style_on:
                why = self.tr("Your style is switched off; switch it on to compare.")
            elif not learned:
                why = self.tr("There is no style to compare yet. Rate a few replies first.")
            self._page.set_possible(why)
            self._page.show_score(score_text(score))
            self._page.show_prompts(prompts)

        self._window.reader.run(read, show)
