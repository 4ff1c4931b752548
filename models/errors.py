"""Errors about models. The text of each is one sentence for a person."""


class ModelError(Exception):
    """A model cannot be found, trusted, loaded or run; ``str(error)`` says why in one sentence."""


class ModelNotFound(ModelError):
    """No model of that id or no folder at that path."""


class ModelRefused(ModelError):
    """The model's files are damaged, unsafe, or of an unsupported kind."""
