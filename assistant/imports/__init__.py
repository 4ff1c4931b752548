"""Chats from other programs: a file is recognised by what it holds and read into what the store takes in.

``read`` is the one door, for the command line and the window. A program's form is a file here. Nothing is written, no
picture is decoded: that is the store's (``assistant.store.import_writing``).
"""

from assistant.imports.recognise import read

__all__ = ["read"]
