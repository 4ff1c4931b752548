"""Make ``models/perception/labels.tsv``: plain names and everyday kinds of the 1000 ImageNet classes.

    python -m models.starter.train.label_table SYNSETS META DATA_NOUN

SYNSETS: ``timm/data/_info/imagenet_synsets.txt`` (wheel of timm 1.0.31), the classes' WordNet ids in order;
META: ``torchvision/models/_meta.py`` (wheel of torchvision 0.28.0), short names; DATA_NOUN: WordNet 3.0's
``data.noun`` (Debian package wordnet-base 3.0), for the hypernyms.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from models.perception import labels

# Everyday words; a class's kind is the nearest of them above it (or its own name).
KINDS = [
    "dog",
    "cat",
    "bird",
    "fish",
    "snake",
    "lizard",
    "spider",
    "insect",
    "frog",
    "salamander",
    "turtle",
    "monkey",
    "ape",
    "bear",
    "fox",
    "wolf",
    "rabbit",
    "horse",
    "zebra",
    "pig",
    "sheep",
    "goat",
    "deer",
    "antelope",
    "elephant",
    "whale",
    "seal",
    "crab",
    "lobster",
    "butterfly",
    "beetle",
    "bee",
    "shark",
    "ray",
    "snail",
    "jellyfish",
    "crocodile",
    "dinosaur",
    "duck",
    "goose",
    "swan",
    "chicken",
    "owl",
    "eagle",
    "parrot",
    "penguin",
    "hamster",
    "mouse",
    "squirrel",
    "otter",
    "weasel",
    "badger",
    "kangaroo",
    "camel",
    "lion",
    "tiger",
    "leopard",
    "ox",
    "buffalo",
    "sloth",
    "flower",
    "mushroom",
    "fruit",
    "vegetable",
    "tree",
    "nut",
    "corn",
    "bread",
    "sandwich",
    "pizza",
    "pasta",
    "soup",
    "cake",
    "coffee",
    "wine",
    "beer",
    "beverage",
    "dessert",
    "sauce",
    "building",
    "house",
    "church",
    "castle",
    "bridge",
    "tower",
    "fence",
    "dam",
    "boat",
    "ship",
    "car",
    "truck",
    "bus",
    "bicycle",
    "motorcycle",
    "train",
    "airplane",
    "airship",
    "balloon",
    "rocket",
    "tank",
    "wagon",
    "sled",
    "tractor",
    "chair",
    "sofa",
    "table",
    "bed",
    "desk",
    "cabinet",
    "shelf",
    "lamp",
    "bottle",
    "cup",
    "pot",
    "pan",
    "bowl",
    "basket",
    "box",
    "bag",
    "jar",
    "barrel",
    "bucket",
    "hat",
    "helmet",
    "shoe",
    "boot",
    "sandal",
    "shirt",
    "dress",
    "skirt",
    "coat",
    "sweater",
    "trousers",
    "swimsuit",
    "uniform",
    "glove",
    "sock",
    "scarf",
    "necktie",
    "mask",
    "guitar",
    "piano",
    "drum",
    "violin",
    "flute",
    "trumpet",
    "ball",
    "racket",
    "gun",
    "knife",
    "sword",
    "axe",
    "hammer",
    "saw",
    "computer",
    "keyboard",
    "phone",
    "camera",
    "clock",
    "watch",
    "television",
    "radio",
    "speaker",
    "printer",
    "oven",
    "refrigerator",
    "stove",
    "sign",
    "mountain",
    "beach",
    "cliff",
    "volcano",
    "lake",
    "coral",
    "lizard-like",
    "ant",
    "dragonfly",
    "grasshopper",
    "cockroach",
    "fly",
    "starfish",
    "worm",
    "rodent",
    "baboon",
    "curtain",
    "door",
    "window",
    "umbrella",
    "pen",
    "book",
    "map",
    "sunglasses",
    "mirror",
    "candle",
    "doll",
    "tent",
    "telescope",
    "microscope",
    "wheel",
    "engine",
]

# Synset words of WordNet that are everyday kinds under another name.
RENAMED = {
    "toy dog": "dog",
    "hunting dog": "dog",
    "domestic dog": "dog",
    "domestic cat": "cat",
    "feline": "cat",
    "automobile": "car",
    "motorcar": "car",
    "aircraft": "airplane",
    "watercraft": "boat",
    "motortruck": "truck",
    "serpent": "snake",
    "lepidopteran": "butterfly",
    "simian": "monkey",
    "great ape": "ape",
    "bovid": "cow",
    "cattle": "cow",
    "wild ox": "cow",
    "footwear": "shoe",
    "headdress": "hat",
    "bathing suit": "swimsuit",
    "timepiece": "clock",
    "firearm": "gun",
    "telephone": "phone",
    "telephone set": "phone",
    "motorbike": "motorcycle",
    "locomotive": "train",
    "public transport": "train",
    "edible fruit": "fruit",
    "drinking vessel": "cup",
    "swine": "pig",
    "domestic fowl": "chicken",
    "anuran": "frog",
    "bicycle-built-for-two": "bicycle",
    "stringed instrument": "string instrument",
    "musical instrument": "musical instrument",
    "wind instrument": "wind instrument",
    "fungus": "mushroom",
    "laptop": "computer",
    "crocodilian reptile": "crocodile",
    "dinosaur": "dinosaur",
    "tailed amphibian": "salamander",
    "chelonian": "turtle",
    "arachnid": "spider",
    "pinniped mammal": "seal",
    "cetacean": "whale",
    "hand tool": "tool",
    "garment": "clothing",
    "seat": "seat",
}

# Names that read oddly alone or mean two classes; by WordNet id.
NAMES = {
    "n01514668": "rooster", "n01847000": "duck", "n02123045": "tabby cat", "n02012849": "crane",
    "n03126707": "construction crane", "n02113978": "Mexican hairless dog", "n02133161": "black bear",
    "n03710637": "swimsuit", "n03710721": "one-piece swimsuit", "n02105855": "Shetland sheepdog",
    "n02669723": "academic gown", "n03201208": "dining table", "n03642806": "laptop computer",
    "n04008634": "projectile", "n03773504": "missile", "n02124075": "Egyptian cat", "n02123159": "tiger cat",
    "n02123394": "Persian cat", "n02123597": "Siamese cat", "n03594945": "jeep", "n02130308": "cheetah",
    "n02110958": "pug", "n02111277": "Newfoundland dog", "n02110627": "affenpinscher", "n02113186": "Cardigan corgi",
    "n02113023": "Pembroke corgi", "n02112706": "Brussels griffon", "n02097130": "giant schnauzer",
    "n02106662": "German shepherd", "n02110185": "Siberian husky", "n02108089": "boxer dog", "n02107312": "miniature pinscher",
    "n03793489": "computer mouse", "n04355933": "sunglasses", "n03594734": "jeans", "n02786058": "adhesive bandage",
    "n02747177": "trash can", "n04131690": "salt shaker", "n02509815": "red panda", "n02497673": "ring-tailed lemur",
    "n02099601": "golden retriever", "n04120489": "running shoe", "n02106550": "Rottweiler", "n02110341": "Dalmatian",
}  # fmt: skip


def read_wordnet(path: Path) -> dict[str, tuple[list[str], list[str]]]:
    """``{id: (words, hypernym ids)}`` of WordNet's ``data.noun`` (format: wndb(5WN))."""
    nouns: dict[str, tuple[list[str], list[str]]] = {}
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        count = int(fields[3], 16)
        words = [fields[4 + 2 * index].replace("_", " ") for index in range(count)]
        start = 4 + 2 * count
        pointers = [
            fields[start + 1 + 4 * index : start + 5 + 4 * index] for index in range(int(fields[start]))
        ]
        nouns["n" + fields[0]] = (
            words,
            ["n" + pointer[1] for pointer in pointers if pointer[0] in ("@", "@i")],
        )
    return nouns


def kind_of(synset: str, name: str, nouns: dict[str, tuple[list[str], list[str]]]) -> str:
    """The nearest everyday word at or above ``synset``, breadth first; its own name when there is none."""
    everyday = set(KINDS)
    level = [synset]
    for depth in range(9):
        for one in level:
            for word in nouns[one][0]:
                if depth > 0 and word in RENAMED:
                    return RENAMED[word]
                if word in everyday:
                    return word
        level = [parent for one in level for parent in nouns[one][1]]
    return name


def main() -> None:
    synsets = Path(sys.argv[1]).read_text(encoding="ascii").split()
    source = ast.parse(Path(sys.argv[2]).read_text(encoding="utf-8"))
    names = next(
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_IMAGENET_CATEGORIES"
    )
    nouns = read_wordnet(Path(sys.argv[3]))
    rows = []
    for synset, short in zip(synsets, names, strict=True):
        name = NAMES.get(synset, short)
        rows.append(f"{synset}\t{name}\t{kind_of(synset, name, nouns)}\n")
    Path(labels.__file__).with_name("labels.tsv").write_text("".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
