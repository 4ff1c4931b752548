"""Every colour and size of the window: widgets name a token and write no hex colours or pixel counts.

Text tokens reach WCAG AA (4.5:1) on every surface they are used on, and controls 3:1; ``CONTRAST`` lists the
pairs and tests/ui/test_theme_contrast.py measures them.
"""

from __future__ import annotations

from dataclasses import dataclass

# The 8-pixel grid. Half a step is allowed inside a control, never between blocks.
GRID = 8
HALF = 4

# Corner radii in pixels.
RADIUS_SMALL = 6
RADIUS = 10
RADIUS_LARGE = 16

# The type scale in pixels (before zoom): captions and controls, running text, titles, display.
TYPE_SMALL = 13
TYPE_BODY = 15
TYPE_TITLE = 20
TYPE_DISPLAY = 28

ICON = 18  # pixels, in buttons
ICON_SMALL = 16
BUTTON = 32  # pixels, side of an icon button: a comfortable target
SIDEBAR_WIDTH = 264
TEXT_WIDTH = 760  # widest column of running text, about 80 characters

ZOOMS = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


@dataclass(frozen=True, slots=True)
class Colours:
    """One palette. ``soft`` colours are backgrounds of the strong colour of the same name."""

    background: str  # behind the transcript
    sidebar: str
    surface: str  # cards, composer, fields
    raised: str  # menus, tooltips
    hover: str
    pressed: str
    selected: str
    border: str  # hairlines between blocks
    control: str  # outline of a switch, check box or focused field (3:1)
    text: str
    muted: str  # secondary text
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_soft: str
    on_accent: str
    link: str
    danger: str
    danger_soft: str
    on_danger: str
    warning: str
    warning_soft: str
    success: str
    success_soft: str
    user_bubble: str
    code_background: str
    selection: str
    on_selection: str
    # behind words that a style made likelier (blue) or less likely (orange): told apart without red and green
    likelier: str
    likelier_much: str
    rarer: str
    rarer_much: str
    scrollbar: str
    # syntax highlighting, on code_background
    code_text: str
    code_keyword: str
    code_string: str
    code_number: str
    code_comment: str
    code_function: str
    code_type: str


LIGHT = Colours(
    background="#fbfaf8",
    sidebar="#f3f1ed",
    surface="#ffffff",
    raised="#ffffff",
    hover="#ebe8e2",
    pressed="#e1ddd5",
    selected="#e4e1da",
    border="#e4e0d9",
    control="#8a857b",
    text="#22211e",
    muted="#625e56",
    accent="#0d6e66",
    accent_hover="#0a5f58",
    accent_pressed="#084f49",
    accent_soft="#dcefec",
    on_accent="#ffffff",
    link="#0b665f",
    danger="#b3261e",
    danger_soft="#fbe9e7",
    on_danger="#ffffff",
    warning="#7a5200",
    warning_soft="#fbf0d9",
    success="#1e6b37",
    success_soft="#e3f3e7",
    user_bubble="#eeebe5",
    code_background="#f4f2ee",
    selection="#b9dfda",
    on_selection="#22211e",
    likelier="#dde9f8",
    likelier_much="#a8cbf3",
    rarer="#fbe7cf",
    rarer_much="#f3c182",
    scrollbar="#c9c4ba",
    code_text="#2b2a27",
    code_keyword="#8a2a6b",
    code_string="#1c6635",
    code_number="#8f4700",
    code_comment="#6a655b",
    code_function="#1d5296",
    code_type="#0b665f",
)

DARK = Colours(
    background="#1b1c1d",
    sidebar="#151617",
    surface="#252728",
    raised="#2b2d2f",
    hover="#2a2c2e",
    pressed="#343739",
    selected="#313436",
    border="#323537",
    control="#85888a",
    text="#eceae6",
    muted="#b0ada6",
    accent="#57c7b8",
    accent_hover="#6fd3c6",
    accent_pressed="#45b3a4",
    accent_soft="#1d3a37",
    on_accent="#06211d",
    link="#6fd3c6",
    danger="#ff9a8f",
    danger_soft="#43211e",
    on_danger="#2b0906",
    warning="#f0c36a",
    warning_soft="#3d3019",
    success="#85d39a",
    success_soft="#1e3625",
    user_bubble="#2c2f31",
    code_background="#141516",
    selection="#28615a",
    on_selection="#ffffff",
    likelier="#22384f",
    likelier_much="#2b5c8f",
    rarer="#47341c",
    rarer_much="#7a4d14",
    scrollbar="#4a4e51",
    code_text="#e4e2dd",
    code_keyword="#e69acb",
    code_string="#93d6a3",
    code_number="#efb27b",
    code_comment="#9c9a93",
    code_function="#93bff2",
    code_type="#6fd3c6",
)

# (foreground, background, least ratio): what is drawn on what.
_ON_SURFACES = ("background", "sidebar", "surface", "raised", "hover", "pressed", "selected", "user_bubble")
CONTRAST: tuple[tuple[str, str, float], ...] = (
    *((text, surface, 4.5) for text in ("text", "muted") for surface in _ON_SURFACES),
    *(("accent", surface, 3.0) for surface in _ON_SURFACES),  # icons and outlines
    *(("control", surface, 3.0) for surface in ("background", "sidebar", "surface", "raised")),
    *(("link", surface, 4.5) for surface in ("background", "surface", "user_bubble", "sidebar")),
    *(("on_accent", accent, 4.5) for accent in ("accent", "accent_hover", "accent_pressed")),
    ("accent", "accent_soft", 4.5),
    ("text", "accent_soft", 4.5),
    ("danger", "danger_soft", 4.5),
    ("text", "danger_soft", 4.5),
    ("danger", "background", 4.5),
    ("danger", "surface", 4.5),
    ("on_danger", "danger", 4.5),
    ("warning", "warning_soft", 4.5),
    ("text", "warning_soft", 4.5),
    ("warning", "background", 4.5),
    ("success", "success_soft", 4.5),
    ("success", "background", 4.5),
    ("on_selection", "selection", 4.5),
    *(("text", shade, 4.5) for shade in ("likelier", "likelier_much", "rarer", "rarer_much")),
    *(
        (f"code_{name}", "code_background", 4.5)
        for name in ("text", "keyword", "string", "number", "comment", "function", "type")
    ),
)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    channels = []
    for start in (1, 3, 5):
        value = int(colour[start : start + 2], 16) / 255
        channels.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    red, green, blue = channels
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
