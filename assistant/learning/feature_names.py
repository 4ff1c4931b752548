"""How features of the reward head are called, for those who show them without fitting anything. Loads nothing."""

HABIT = "word:"  # before the word of a habit of wording (``lexical_features``); a readable trait has its bare name


def word_of(name: str) -> str:
    """The word of a habit by its name; empty for a readable trait."""
    return name.removeprefix(HABIT) if name.startswith(HABIT) else ""
