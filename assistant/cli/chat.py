"""`attune chat`: one message and its reply, streamed, kept in the store like any other."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from dataclasses import asdict, replace
from types import FrameType

from assistant.attachment_intake import keep
from assistant.cli.output import note, print_json, printable
from assistant.cli.session import Session
from assistant.errors import AttuneError, BadInput
from assistant.files.in_prompt import used_sentence
from assistant.files.intake import intake as take_file
from assistant.records import Attachment, Message, Sampling
from assistant.services.chat import ChatService, Personal
from assistant.services.chat_events import ChatEvent, Handle, PictureSeen, ReplyText, StoreTrouble
from assistant.services.folders import FolderService, checked
from assistant.sound.intake import intake as take_sound
from assistant.vision.intake import intake


def chat(arguments: argparse.Namespace) -> int:
    """Send, stream, finish. Ctrl-C stops the reply and keeps what was written (a second one leaves)."""
    if arguments.go_on:
        return _go_on(arguments)
    if arguments.prompt is None:
        note("attune chat: say something (PROMPT), or go on with the last reply (--continue).")
        return 2  # wrong usage, as if the parser had said it
    text = sys.stdin.read() if arguments.prompt == "-" else arguments.prompt or ""
    if not text.strip() and not (arguments.image or arguments.audio or arguments.file):
        raise BadInput("The prompt is empty.")
    with Session(arguments) as session:
        session.client.start()  # it imports its libraries while pictures are checked
        pictures = [intake(path) for path in arguments.image]
        sounds = [take_sound(path) for path in arguments.audio]
        files = [take_file(path) for path in arguments.file]
        store = session.store
        model = arguments.model
        line = None if arguments.line is None else store.line(arguments.line)
        if arguments.conversation:
            model = model or store.conversation(arguments.conversation).model
            if line is not None:
                store.update_conversation(arguments.conversation, line=line, style="")
        told, folder = _place(session, arguments)
        info = session.load_model(model)
        if pictures and not info.can_see:
            raise BadInput(f"The model {info.name} cannot see pictures.")
        if sounds and not info.can_hear:
            raise BadInput(f"The model {info.name} cannot hear; attune models list shows which ones can.")
        attachments = [store.add_attachment(picture) for picture in pictures]
        attachments += [store.add_sound(sound) for sound in sounds]
        attachments += [kept for file in files for kept in keep(store, file)]
        if not arguments.no_style and (ratings := session.learning.offered_ratings(info.id)):
            note(
                f"{info.name} has not learned your style yet; "
                f"attune learn --model {info.id} learns it from your {ratings} ratings."
            )
        notes = [(sound.name, sound.note) for sound in sounds] + [(file.name, file.note) for file in files]
        for name, changed in notes:
            if changed:
                note(f"{name}: {changed}.")
        writer = _Writer({a.sha256: a for a in attachments}, stream=not arguments.json)
        handle = session.chat.send(
            arguments.conversation,
            text,
            attachments,
            on_event=writer,
            sampling=sampling(session.chat.sampling(), arguments),
            personal=Personal() if arguments.no_style else None,
            line=line or "",
            folder=folder,
            system_prompt=told,
        )
        _wait(session.chat, handle)
        writer.end()
        if handle.message is None:
            raise BadInput(handle.refused)
        return report(handle.message, as_json=arguments.json)


def _place(session: Session, arguments: argparse.Namespace) -> tuple[str, str]:
    """(instructions, folder) of a new conversation; one that is there already is changed at once."""
    told = checked(arguments.instructions or "")
    folder = FolderService(session.store).add(arguments.folder) if arguments.folder else ""
    changes = {}
    if arguments.instructions is not None:
        changes["system_prompt"] = told
    if folder:
        changes["folder"] = folder
    if arguments.conversation and changes:
        session.store.update_conversation(arguments.conversation, **changes)
    return told, folder


def _go_on(arguments: argparse.Namespace) -> int:
    """Continue the last reply of a conversation; only what is new is written to standard output."""
    if arguments.prompt is not None or arguments.image or arguments.audio:
        raise BadInput("--continue goes on with the last reply; leave the prompt and its files out.")
    with Session(arguments) as session:
        store = session.store
        newest = arguments.conversation or next((c.id for c in store.newest_conversations(1)), None)
        if newest is None:
            raise BadInput("There is no conversation yet.")
        conversation = store.conversation(newest)
        if conversation.leaf_id is None:
            raise BadInput("There is no reply to continue.")
        session.load_model(arguments.model or conversation.model)
        writer = _Writer({}, stream=not arguments.json)
        handle = session.chat.go_on(
            conversation.leaf_id,
            on_event=writer,
            sampling=_chosen(session.chat.sampling(), arguments),
            personal=Personal() if arguments.no_style else None,
        )
        _wait(session.chat, handle)
        writer.end()
        if handle.message is None:
            raise BadInput(handle.refused)
        return report(handle.message, as_json=arguments.json)


def _chosen(base: Sampling, arguments: argparse.Namespace) -> Sampling | None:
    """What was said on the command line; None: nothing, so that a reply goes on with the seed it had."""
    made = sampling(base, arguments)
    return None if made == base else made


def sampling(base: Sampling, arguments: argparse.Namespace) -> Sampling:
    """The usual sampling with what was said on the command line."""
    said = {name: getattr(arguments, name) for name in ("temperature", "max_tokens", "seed")}
    return replace(base, **{name: value for name, value in said.items() if value is not None})


def _wait(chat: ChatService, handle: Handle) -> None:
    """Wait for the reply; the first Ctrl-C stops it, a second one raises KeyboardInterrupt.

    The signal only sets a flag: raised in the middle of a callback, it could lose a piece of the reply.
    """
    asked_to_stop = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, stop)
    try:
        chat.run_until(lambda: handle.done or asked_to_stop)
        if not handle.done:
            chat.stop(handle)
            if not chat.run_until(lambda: handle.done, timeout_s=30.0):
                raise AttuneError("The reply could not be stopped; what was written of it is kept.")
    finally:
        if signal.getsignal(signal.SIGINT) is stop:
            signal.signal(signal.SIGINT, before)


class _Writer:
    """Writes the reply to standard output as it comes, and what was seen in pictures to standard error."""

    def __init__(self, pictures: dict[str, Attachment], *, stream: bool) -> None:
        self._pictures = pictures
        self._stream = stream
        self._at_line_start = True

    def __call__(self, event: ChatEvent) -> None:
        if isinstance(event, ReplyText) and self._stream:
            sys.stdout.write(printable(event.text))
            sys.stdout.flush()
            self._at_line_start = event.text.endswith("\n")
        elif isinstance(event, PictureSeen):
            self._seen(event)
        elif isinstance(event, StoreTrouble):
            note(event.reason)

    def _seen(self, event: PictureSeen) -> None:
        picture = self._pictures.get(event.sha256)
        name = picture.name if picture else "picture"
        if event.recognition is None:
            note(f"{name}: {event.reason}")
        elif line := event.recognition.line():
            note(f"{name}: {line}")
        if picture and picture.note:
            note(f"{name}: {picture.note}")

    def end(self) -> None:
        if not self._at_line_start:
            sys.stdout.write("\n")


def report(message: Message, *, as_json: bool) -> int:
    """The object of `attune chat --json`, or notes for a person. AttuneError for a failed reply."""
    made = message.generation
    if made is None or (message.error and made.finish != "cancelled"):
        raise AttuneError(message.error or "The reply was not finished.")
    if made.dropped_turns:
        turns = "message was" if made.dropped_turns == 1 else "messages were"
        note(f"The {made.dropped_turns} oldest {turns} left out to fit the model's context.")
    for use in made.details.files:
        if use.how != "whole":
            note(used_sentence(use))
    if as_json:
        print_json(
            {
                "conversation": message.conversation_id,
                "message": message.id,
                "reply": message.text,
                "model": made.model,
                "style": made.style,
                "prompt_tokens": made.prompt_tokens,
                "completion_tokens": made.completion_tokens,
                "ttft_s": round(made.ttft_s, 4),
                "tokens_per_s": round(made.tokens_per_s, 2),
                "finish": made.finish,
                "seed": made.seed,
                "dropped_turns": made.dropped_turns,
                # What the ratings did at reply time: candidates it was the best of, tokens that guidance changed.
                "candidates": made.details.candidates,
                "guided_steps": made.details.guided_steps or 0,
                "files": [asdict(use) for use in made.details.files],
            }
        )
    else:
        if made.finish == "cancelled":
            note("Stopped; what was written is kept.")
        elif made.finish == "length":
            note(f"Cut off after {made.completion_tokens} tokens (--max-tokens).")
        note(f"[{message.id} · {made.completion_tokens} tokens, {made.tokens_per_s:.0f} a second]")
    return 0
