"""The words for what a picture shows beside its name: colours, shapes, places, counts.

A scene is at most two groups of equal things. The first group is the left one, or the upper one when they stand
above each other. ``UNCLEAR`` comes last wherever a picture may show nothing of the sort.
"""

from __future__ import annotations

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray")
SHAPES = (
    "circle", "square", "triangle", "star", "rectangle", "heart", "diamond", "cross", "oval", "ring",
    "thing",  # something that is no plain shape: an icon
    "unclear",
)  # fmt: skip
PLACES = (
    "top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right"
)  # fmt: skip
# The same as two words of which one may be missing.
ROWS = ("top", "top", "top", "none", "middle", "none", "bottom", "bottom", "bottom")
COLUMNS = ("left", "none", "right", "left", "middle", "right", "left", "none", "right")
COUNTS = ("zero", "one", "two", "three", "four", "five")
RELATIONS = ("alone", "beside", "above")  # one group | first is left of the second | first is above it
# The same relation as each group's own: what the first is to the second, and the second to the first.
SIDES = (("alone", "left of", "above"), ("none", "right of", "below"))
# What a picture is to the one before it in its conversation, in each of these respects; and which one it is.
COMPARED = ("count", "colour", "shape", "thing")
VERDICTS = ("none", "same", "different")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "later")
LIGHTS = ("dark", "light")

# What the low-level branch tells of a picture: (name, number of classes).
HEADS = (
    ("count1", len(COUNTS)), ("colour1", len(COLOURS)), ("shape1", len(SHAPES)), ("place1", len(PLACES)),
    ("relation", len(RELATIONS)),
    ("count2", len(COUNTS)), ("colour2", len(COLOURS)), ("shape2", len(SHAPES)), ("place2", len(PLACES)),
    ("background", len(COLOURS)),
)  # fmt: skip
