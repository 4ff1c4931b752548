"""How features of the reward head are called, for those who show them without fitting anything. Loads nothing."""

HABIT = "word:"  # before the word of a habit of wording (``habits.py``); a readable trait has its bare name
