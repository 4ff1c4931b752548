"""Every action of the window with its keys: one table, used for the actions themselves and for the list of
keys.

Keys can be changed in the settings file (``shortcuts``: action name -> keys). No bare Delete or Backspace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Shortcut:
    name: str  # in the settings
    text: str  # translated
    keys: tuple[str, ...]  # portable key sequences; the first one is shown


def shortcuts() -> tuple[Shortcut, ...]:
    """All of them, in the order of the list."""
    translate = QCoreApplication.translate
    return (
        Shortcut("new_chat", translate("Shortcuts", "New chat"), ("Ctrl+N", "Ctrl+Shift+O")),
        Shortcut("search", translate("Shortcuts", "Search all chats"), ("Ctrl+Shift+F",)),
        Shortcut("palette", translate("Shortcuts", "Commands and chats"), ("Ctrl+K",)),
        Shortcut("find", translate("Shortcuts", "Find in this chat"), ("Ctrl+F",)),
        Shortcut("find_next", translate("Shortcuts", "Find the next place"), ("F3",)),
        Shortcut("find_previous", translate("Shortcuts", "Find the place before"), ("Shift+F3",)),
        Shortcut("sidebar", translate("Shortcuts", "Show or hide the sidebar"), ("Ctrl+B",)),
        Shortcut("composer", translate("Shortcuts", "Go to the message box"), ("Ctrl+L",)),
        Shortcut("instructions", translate("Shortcuts", "Instructions for this chat"), ("Ctrl+I",)),
        Shortcut("attach", translate("Shortcuts", "Attach a picture"), ("Ctrl+Shift+A",)),
        Shortcut("stop", translate("Shortcuts", "Stop the reply, or go back to the chat"), ("Esc",)),
        Shortcut("regenerate", translate("Shortcuts", "Regenerate the last reply"), ("Ctrl+R",)),
        Shortcut(
            "continue",
            translate("Shortcuts", "Continue the last reply, if it was cut off"),
            ("Ctrl+Shift+Return",),
        ),
        Shortcut("copy_reply", translate("Shortcuts", "Copy the last reply"), ("Ctrl+Shift+C",)),
        Shortcut("copy_code", translate("Shortcuts", "Copy the last code block"), ("Ctrl+Shift+;",)),
        Shortcut("rate_up", translate("Shortcuts", "Good reply"), ("Alt+Up",)),
        Shortcut("rate_down", translate("Shortcuts", "Bad reply"), ("Alt+Down",)),
        Shortcut("prefer_a", translate("Shortcuts", "Prefer reply A"), ("Alt+1",)),
        Shortcut("prefer_b", translate("Shortcuts", "Prefer reply B"), ("Alt+2",)),
        Shortcut("rename", translate("Shortcuts", "Rename this chat"), ("Ctrl+F2",)),
        Shortcut("pin", translate("Shortcuts", "Pin or unpin this chat"), ("Ctrl+Shift+P",)),
        Shortcut(
            "delete", translate("Shortcuts", "Delete this chat, or those selected"), ("Ctrl+Shift+Backspace",)
        ),
        Shortcut("trash", translate("Shortcuts", "Trash"), ("Ctrl+Shift+T",)),
        Shortcut("undo", translate("Shortcuts", "Undo deleting a chat"), ("Ctrl+Z",)),
        Shortcut("next_chat", translate("Shortcuts", "Next chat in the list"), ("Ctrl+PgDown", "Ctrl+Tab")),
        Shortcut(
            "previous_chat",
            translate("Shortcuts", "Previous chat in the list"),
            ("Ctrl+PgUp", "Ctrl+Shift+Tab"),
        ),
        Shortcut("settings", translate("Shortcuts", "Settings"), ("Ctrl+,",)),
        Shortcut("zoom_in", translate("Shortcuts", "Zoom in"), ("Ctrl++", "Ctrl+=")),
        Shortcut("zoom_out", translate("Shortcuts", "Zoom out"), ("Ctrl+-",)),
        Shortcut("zoom_reset", translate("Shortcuts", "Actual size"), ("Ctrl+0",)),
        Shortcut("keys", translate("Shortcuts", "Keyboard shortcuts"), ("Ctrl+/", "F1")),
        Shortcut("newest", translate("Shortcuts", "Go to the latest message"), ("Alt+End",)),
        Shortcut("quit", translate("Shortcuts", "Close Attune"), ("Ctrl+Q",)),
    )


def bind(
    window: QWidget, calls: Mapping[str, Callable[[], object]], changed: Mapping[str, str]
) -> dict[str, QAction]:
    """Make an action on ``window`` for every shortcut; ``changed`` are the user's own keys."""
    actions = {}
    for shortcut in shortcuts():
        action = QAction(shortcut.text, window)
        keys = [changed[shortcut.name]] if changed.get(shortcut.name) else list(shortcut.keys)
        action.setShortcuts([QKeySequence(key, QKeySequence.SequenceFormat.PortableText) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda _checked=False, call=calls[shortcut.name]: call())
        window.addAction(action)
        actions[shortcut.name] = action
    return actions


def key_text(action: QAction) -> str:
    """The first key of an action as this system writes it (``Ctrl+K``, ``⌘K``)."""
    keys = action.shortcuts()
    return keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
