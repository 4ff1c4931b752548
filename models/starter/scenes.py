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
COUNTS = ("zero", "one", "two", "three", "four", "five")
RELATIONS = ("alone", "beside", "above")  # one group | first is left of the second | first is above it
LIGHTS = ("dark", "light")

# What the low-level branch tells of a picture: (name, number of classes).
HEADS = (
    ("count1", len(COUNTS)), ("colour1", len(COLOURS)), ("shape1", len(SHAPES)), ("place1", len(PLACES)),
    ("relation", len(RELATIONS)),
    ("count2", len(COUNTS)), ("colour2", len(COLOURS)), ("shape2", len(SHAPES)), ("place2", len(PLACES)),
    ("background", len(COLOURS)),
)  # fmt: skip
