"""Errors about models. The text of each is one sentence for a person."""


class ModelError(Exception):
    """A model cannot be found, trusted, loaded or run; ``str(error)`` says why in one sentence."""


class ModelNotFound(ModelError):
    """No model of that id or no folder at that path."""


class ModelRefused(ModelError):
    """The model's files are damaged, unsafe, or of an unsupported kind."""


class DoesNotFit(ModelError):
    """The model needs more memory than there is."""


class DownloadFailed(ModelError):
    """A download did not come to its end; what came of it is kept, and trying again goes on from there."""


class GatedModel(DownloadFailed):
    """The hub gives this model only to people who accepted its terms, and wants their token."""
