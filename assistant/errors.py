"""Errors that a person sees. The text of each is one sentence for that person."""


class AttuneError(Exception):
    """Something went wrong that the user can be told in one sentence (``str(error)``)."""


class BadInput(AttuneError):
    """What was given cannot be used: not an image, an empty prompt, a file that is missing."""


class NotFound(AttuneError):
    """No conversation, message, model or style version of that name."""


class StoreError(AttuneError):
    """The data folder or its database cannot be read or written."""


class Unwritable(StoreError):
    """The data folder is on a full or read-only disk, or is another user's; what is in it may be read all the same."""


class EngineDied(AttuneError):
    """The engine process ended, was killed, or stopped answering."""


class OutOfMemory(AttuneError):
    """The model or the request did not fit into memory."""
