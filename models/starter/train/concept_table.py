"""Make ``models/perception/concepts.tsv``: every word the connector may name a picture by, with its category.

    python -m models.starter.train.concept_table EMOJIBASE_JSON DATA_NOUN

The encoder's everyday kinds come first (``labels.tsv``), then what drawings add: emoji names, cleaned and merged.
EMOJIBASE_JSON: ``en/data.json`` of npm's emojibase-data 17.0.0; DATA_NOUN: WordNet 3.0 (Debian wordnet-base 3.0).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from models.perception import labels

# Subgroup of emojibase -> (category, one name for all its members or "" for their own).
SUBGROUPS: dict[int, tuple[str, str]] = {
    **dict.fromkeys((0, 1, 2), ("face", "smiling face")),
    9: ("face", "sad face"),
    12: ("animal", "cat"),
    13: ("animal", "monkey"),
    14: ("symbol", "heart"),
    **dict.fromkeys(range(16, 22), ("body part", "hand")),
    22: ("body part", ""),
    **dict.fromkeys((23, 24, 25, 27, 28, 29), ("person", "person")),
    **dict.fromkeys(range(34, 40), ("animal", "")),
    40: ("plant", ""),
    41: ("plant", ""),
    **dict.fromkeys(range(42, 47), ("food", "")),
    47: ("drink", ""),
    48: ("container", ""),
    50: ("nature", ""),
    51: ("building", ""),
    52: ("building", ""),
    **dict.fromkeys((54, 55, 56), ("vehicle", "")),
    58: ("device", ""),
    59: ("nature", ""),
    60: ("thing", ""),
    61: ("thing", ""),
    62: ("sport", ""),
    63: ("toy", ""),
    65: ("clothing", ""),
    68: ("musical instrument", ""),
    **dict.fromkeys((69, 70, 71), ("device", "")),
    72: ("stationery", ""),
    74: ("stationery", ""),
    75: ("stationery", ""),
    76: ("stationery", ""),
    77: ("tool", ""),
    78: ("tool", ""),
    79: ("device", ""),
    80: ("tool", ""),
    81: ("thing", ""),
    85: ("symbol", "arrow"),
    97: ("symbol", "flag"),
    98: ("symbol", "flag"),
}  # fmt: skip

MERGED = {
    "automobile": "car", "oncoming automobile": "car", "sport utility vehicle": "car", "oncoming bus": "bus",
    "minibus": "bus", "oncoming police car": "police car", "oncoming taxi": "taxi", "delivery truck": "truck",
    "articulated lorry": "truck", "pickup truck": "truck", "locomotive": "train", "railway car": "train",
    "high-speed train": "train", "bullet train": "train", "light rail": "train", "metro": "train",
    "station": "train", "monorail": "train", "mountain railway": "train", "tram": "streetcar",
    "tram car": "streetcar", "suspension railway": "train", "two-hump camel": "camel", "water buffalo": "buffalo",
    "front-facing baby chick": "chick", "baby chick": "chick", "hatching chick": "chick", "chick": "chick",
    "spouting whale": "whale", "tropical fish": "fish", "guide dog": "dog", "service dog": "dog",
    "poodle": "dog", "black cat": "cat", "pig nose": "pig", "boar": "pig", "ram": "sheep", "ewe": "sheep",
    "panda": "giant panda", "lady beetle": "ladybug", "honeybee": "bee", "spiral shell": "shell",
    "closed book": "book", "open book": "book", "green book": "book", "blue book": "book",
    "orange book": "book", "books": "book", "notebook with decorative cover": "notebook",
    "ledger": "notebook", "hot beverage": "coffee", "teacup without handle": "tea",
    "bottle with popping cork": "champagne", "wine glass": "wine", "beer mug": "beer",
    "clinking beer mugs": "beer", "clinking glasses": "champagne", "tumbler glass": "whiskey",
    "cocktail glass": "cocktail", "tropical drink": "cocktail", "glass of milk": "milk",
    "mobile phone": "phone", "mobile phone with arrow": "phone", "telephone": "phone",
    "telephone receiver": "phone", "house with garden": "house", "houses": "house",
    "derelict house": "house", "kick scooter": "scooter", "motor scooter": "motor scooter",
    "laptop": "computer", "desktop computer": "computer", "computer mouse": "mouse", "mouse face": "mouse",
    "rat": "mouse", "television": "television", "camera with flash": "camera", "video camera": "video camera",
    "movie camera": "video camera", "film projector": "projector", "magnifying glass tilted left": "magnifying glass",
    "magnifying glass tilted right": "magnifying glass", "open file folder": "folder", "file folder": "folder",
    "card index dividers": "folder", "round pushpin": "pin", "pushpin": "pin", "linked paperclips": "paperclip",
    "locked": "padlock", "unlocked": "padlock", "locked with pen": "padlock", "locked with key": "padlock",
    "old key": "key", "kitchen knife": "knife", "crossed swords": "sword", "dagger": "knife",
    "bow and arrow": "bow", "water pistol": "gun", "hammer and pick": "hammer", "hammer and wrench": "hammer",
    "screwdriver": "screwdriver", "pen": "pen", "fountain pen": "pen", "black nib": "pen",
    "sailboat": "boat", "speedboat": "boat", "canoe": "boat", "motor boat": "boat", "passenger ship": "ship",
    "ferry": "ship", "airplane departure": "airplane", "airplane arrival": "airplane", "small airplane": "airplane",
    "office building": "building", "bank": "building", "hotel": "building", "department store": "building",
    "post office": "building", "japanese post office": "building", "hospital": "building", "school": "building",
    "factory": "factory", "japanese castle": "castle", "bridge at night": "bridge", "classical building": "building",
    "love hotel": "building", "convenience store": "shop", "wedding": "church", "snow-capped mountain": "mountain",
    "mount fuji": "mountain", "national park": "mountain", "beach with umbrella": "beach", "desert island": "island",
    "evergreen tree": "tree", "deciduous tree": "tree", "christmas tree": "christmas tree", "leafless tree": "tree",
    "blossom": "flower", "cherry blossom": "flower", "hibiscus": "flower", "white flower": "flower",
    "rosette": "flower", "bouquet": "flower", "wilted flower": "rose", "lotus": "flower", "hyacinth": "flower",
    "red apple": "apple", "green apple": "apple", "tangerine": "orange", "ear of corn": "corn",
    "bell pepper": "pepper", "hot pepper": "chili pepper", "leafy green": "lettuce", "brown mushroom": "mushroom",
    "cooked rice": "rice", "curry rice": "rice", "rice ball": "rice", "steaming bowl": "soup", "pot of food": "soup",
    "bowl with spoon": "soup", "soft ice cream": "ice cream", "shaved ice": "ice cream", "shortcake": "cake",
    "birthday cake": "cake", "moon cake": "cake", "cupcake": "cupcake", "cooking": "egg", "french fries": "french fries",
    "baguette bread": "bread", "flatbread": "bread", "poultry leg": "chicken leg", "cut of meat": "meat",
    "meat on bone": "meat", "fork and knife": "fork", "fork and knife with plate": "fork",
    "full moon": "moon", "new moon": "moon", "crescent moon": "moon", "first quarter moon": "moon",
    "last quarter moon": "moon", "waxing crescent moon": "moon", "waxing gibbous moon": "moon",
    "waning gibbous moon": "moon", "waning crescent moon": "moon", "full moon face": "moon", "new moon face": "moon",
    "first quarter moon face": "moon", "last quarter moon face": "moon", "sun with face": "sun",
    "sun behind cloud": "cloud", "sun behind small cloud": "cloud", "sun behind large cloud": "cloud",
    "sun behind rain cloud": "cloud", "cloud with rain": "cloud", "cloud with snow": "cloud",
    "cloud with lightning": "cloud", "cloud with lightning and rain": "cloud", "glowing star": "star",
    "high voltage": "lightning", "closed umbrella": "umbrella", "umbrella with rain drops": "umbrella",
    "umbrella on ground": "umbrella", "snowman without snow": "snowman", "watch": "watch",
    "alarm clock": "clock", "mantelpiece clock": "clock", "timer clock": "clock", "stopwatch": "stopwatch",
    "hourglass done": "hourglass", "hourglass not done": "hourglass", "1st place medal": "medal",
    "2nd place medal": "medal", "3rd place medal": "medal", "sports medal": "medal", "military medal": "medal",
    "t-shirt": "shirt", "running shoe": "shoe", "man’s shoe": "shoe", "hiking boot": "boot", "woman’s boot": "boot",
    "woman’s sandal": "sandal", "thong sandal": "sandal", "high-heeled shoe": "shoe", "flat shoe": "shoe",
    "woman’s clothes": "shirt", "woman’s hat": "hat", "top hat": "hat", "billed cap": "hat",
    "graduation cap": "hat", "rescue worker’s helmet": "helmet", "military helmet": "helmet",
    "one-piece swimsuit": "swimsuit", "bikini": "swimsuit", "jeans": "trousers", "gloves": "glove",
    "socks": "sock", "coat": "coat", "handbag": "bag", "clutch bag": "bag", "shopping bags": "bag",
    "backpack": "backpack", "glasses": "glasses", "musical keyboard": "piano", "long drum": "drum",
    "dvd": "disc", "optical disk": "disc", "computer disk": "disc", "floppy disk": "floppy disk",
    "light bulb": "light bulb", "rolled-up newspaper": "newspaper", "bookmark tabs": "paper", "page with curl": "paper",
    "page facing up": "paper", "memo": "paper", "scroll": "scroll", "incoming envelope": "envelope",
    "envelope with arrow": "envelope", "e-mail": "envelope", "love letter": "envelope", "red envelope": "envelope",
    "closed mailbox with raised flag": "mailbox", "closed mailbox with lowered flag": "mailbox",
    "open mailbox with raised flag": "mailbox", "open mailbox with lowered flag": "mailbox", "postbox": "mailbox",
    "wrapped gift": "gift", "ribbon": "ribbon", "jack-o-lantern": "pumpkin", "couch and lamp": "sofa",
    "wastebasket": "trash can", "adhesive bandage": "adhesive bandage", "crayon": "crayon", "teddy bear": "teddy",
    "volcano": "volcano", "sunrise over mountains": "mountain", "lobster": "lobster", "oyster": "shell",
    "bullseye": "target", "video game": "game controller", "game die": "dice", "puzzle piece": "jigsaw puzzle",
    "american football": "football", "rugby football": "football", "soccer ball": "soccer ball", "rooster": "chicken",
    "hatching": "chick", "paw prints": "paw print", "sauropod": "dinosaur", "t-rex": "dinosaur",
    "motorway": "road", "railway track": "railway track", "fuel pump": "gas pump", "sewing needle": "needle",
    "roll of paper": "toilet tissue", "pill": "pill", "drop of blood": "drop of blood", "candle": "candle",
    "racing car": "race car", "police car light": "siren", "horizontal traffic light": "traffic light",
    "vertical traffic light": "traffic light", "toolbox": "toolbox", "baseball": "baseball", "skis": "ski",
    "ice skate": "skate", "roller skate": "skate", "anatomical heart": "heart", "mechanical arm": "arm",
    "mechanical leg": "leg", "flexed biceps": "arm", "eyes": "eye", "mouth": "lips", "oncoming fist": "hand",
}  # fmt: skip

SKIPPED = re.compile(
    r"\b(buildings|cityscape|sunset|sunrise|night|foggy|milky|pile|divided|place|globe|world|map|compass|person|"
    r"man|woman|tear-off|spiral (cal|note)\w*|money|yen|dollar|euro|pound|credit|chart|receipt|japanese|dolls|"
    r"flags|tanabata|pine decoration|wind|moon viewing|tickets?|reminder|ball of|clipboard|calendar|card|"
    r"inbox|outbox|label|bookmark|knot|fireworks|sparkler|sparkles|confetti|party|joker|mahjong|chess|"
    r"playing|thermometer|comet|cyclone|tornado|fog|splatter|dashing|speech|thought|satellite|"
    r"low battery|building construction|bricks?|rock|wood|hut|hot springs|camping|desert|wheel|slide|"
    r"fingerprint|bubbles|sweat|footprints|shooting|ringed|droplet|water wave|rainbow|fire extinguisher|"
    r"identification)\b"
)

# Nearest WordNet hypernym -> category, for the encoder's kinds.
HYPERNYMS = {
    "animal": "animal", "plant": "plant", "flower": "plant", "beverage": "drink", "food": "food", "fruit": "food",
    "vegetable": "food", "fungus": "plant", "vehicle": "vehicle", "aircraft": "vehicle", "building": "building",
    "structure": "building", "furniture": "furniture", "clothing": "clothing", "footwear": "clothing",
    "headdress": "clothing", "garment": "clothing", "covering": "clothing", "musical instrument": "musical instrument",
    "container": "container", "weapon": "tool", "tool": "tool", "implement": "tool", "device": "device",
    "machine": "device", "equipment": "device", "game equipment": "sport", "sports equipment": "sport", "toy": "toy",
    "geological formation": "nature", "body of water": "nature", "person": "person", "publication": "stationery",
    "instrumentality": "thing", "artifact": "thing", "nutriment": "food", "foodstuff": "food", "dish": "food",
    "vascular plant": "plant", "plant part": "plant", "conveyance": "vehicle", "ball": "sport",
}  # fmt: skip


def concept(emoji: dict[str, object]) -> tuple[str, str] | None:
    """(name, category) of an emojibase entry, or None for what is not named."""
    subgroup = SUBGROUPS.get(int(str(emoji.get("subgroup", -1))))
    if subgroup is None:
        return None
    category, shared = subgroup
    if shared:
        return shared, category
    label = str(emoji["label"]).lower()
    name = MERGED.get(label)
    if name is None:
        if "o’clock" in label or "-thirty" in label:
            return "clock", "device"
        if SKIPPED.search(label):
            return None
        name = label.removesuffix(" face") if category == "animal" else label
        name = MERGED.get(name, name)
    return (name, category) if len(name.split()) <= 3 else None


def category_of(synset: str, data: dict[str, tuple[list[str], list[str]]]) -> str:
    """The category of the nearest hypernym (breadth first) that has one, else "thing"."""
    level = [synset]
    while level:
        for one in level:
            for word in data[one][0]:
                if word in HYPERNYMS:
                    return HYPERNYMS[word]
        level = [up for one in level for up in data[one][1]]
    return "thing"


def read_wordnet(path: Path) -> dict[str, tuple[list[str], list[str]]]:
    """offset -> (words, hypernyms' offsets) of WordNet's ``data.noun``."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            continue
        parts = line.split("|")[0].split()
        count = int(parts[3], 16)
        words = [parts[4 + 2 * i].replace("_", " ").lower() for i in range(count)]
        pointers = parts[5 + 2 * count :]
        ups = [pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("@", "@i")]
        found[parts[0]] = (words, ups)
    return found


# Where WordNet's nearest hypernym is not what a person would say.
CORRECTED = {
    "tank": "vehicle", "wagon": "vehicle", "sunglasses": "clothing", "bowl": "container", "plate": "container",
    "birdhouse": "building", "dome": "building", "tile roof": "building", "thatch": "building", "vault": "building",
    "lumbermill": "building", "bell cote": "building", "manhole cover": "thing", "knot": "thing", "menu": "stationery",
    "book jacket": "stationery", "crossword puzzle": "stationery", "binder": "stationery", "envelope": "stationery",
    "bottlecap": "thing", "umbrella": "thing", "radio": "device", "television": "device", "refrigerator": "device",
    "oven": "device", "toaster": "device", "microwave": "device", "dishwasher": "device", "washer": "device",
    "vacuum": "device", "iron": "device", "saw": "tool", "hook": "tool", "tripod": "device", "parachute": "thing",
    "snowmobile": "vehicle", "projectile": "tool", "chain": "tool", "cassette": "device", "pier": "building",
    "spider web": "animal", "honeycomb": "animal", "lampshade": "furniture", "shield": "tool", "wing": "device",
    "cup": "container", "pot": "container", "pan": "container", "curtain": "furniture", "pillow": "furniture",
    "quilt": "furniture", "prayer rug": "furniture", "doormat": "furniture", "mosquito net": "furniture",
    "holster": "clothing", "scabbard": "tool", "amphibian": "vehicle", "golfcart": "vehicle", "stethoscope": "tool",
    "syringe": "tool", "paddle": "tool", "oil drum": "container", "bus stop": "thing", "road": "thing",
    "siren": "device", "traffic light": "device", "stop sign": "thing", "construction": "thing", "anchor": "thing",
    "railway track": "thing", "egg": "food", "ice": "food", "orange": "food",
}  # fmt: skip


def main(emojibase: Path, data_noun: Path) -> None:
    data = read_wordnet(data_noun)
    drawn: dict[str, str] = {}
    for name, category in filter(None, map(concept, json.loads(emojibase.read_text(encoding="utf-8")))):
        drawn.setdefault(name, category)
    rows: dict[str, str] = {}
    for label in labels.load():
        if label.kind not in rows:
            rows[label.kind] = drawn.get(label.kind) or category_of(label.synset.removeprefix("n"), data)
    rows = {**rows, **{name: rows.get(name, category) for name, category in drawn.items()}, **CORRECTED}
    target = Path(labels.__file__).with_name("concepts.tsv")
    target.write_text("".join(f"{name}\t{category}\n" for name, category in rows.items()), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
