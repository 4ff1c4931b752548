"""Pictures: taken in safely (any process), and their text read (engine process only).

``from assistant.vision import intake`` gives the function; Pillow and text recognition load lazily.
"""

from assistant.vision.intake import IntakeImage, intake

__all__ = ["IntakeImage", "intake"]
