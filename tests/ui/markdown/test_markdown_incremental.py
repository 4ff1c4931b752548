"""A growing text ends as the same blocks however it was cut into pieces, and settled blocks stay as they are."""

import random

import pytest

from ui.markdown.blocks import Code, Paragraph, Table, plain_text
from ui.markdown.incremental import MAX_PIECE, SLICE, Incremental

SAMPLE = """# Title with **bold**

Some *text* with `code`, a [link](https://example.com/a?b=c) and ~~gone~~, $5 and $10, $x^2$.
A second line.

1. one
2. two
   - nested **b**
3. three

   more of three

- [ ] open
- [x] done

> a quote
> > inside another

| a | b |
|:--|--:|
| 1 | **2** |
| x |

after the table

```python
def f(x):

    return "``" + x
```

~~~
tilde
~~~

---
\\[ E = mc^2 \\]

中文段落，**粗体**和😀。
"""


def parsed(pieces):
    markdown = Incremental()
    for piece in pieces:
        before = list(markdown.blocks[: markdown.settled])
        markdown.feed(piece)
        assert markdown.blocks[: len(before)] == before, "a settled block changed"
    markdown.finish()
    return markdown.blocks


def test_every_cut_gives_the_same_blocks():
    whole = parsed([SAMPLE])
    assert parsed(SAMPLE) == whole  # a character at a time
    choose = random.Random(5)
    for _ in range(40):
        rest, pieces = SAMPLE, []
        while rest:
            size = choose.randint(1, 60)
            pieces.append(rest[:size])
            rest = rest[size:]
        assert parsed(pieces) == whole


def test_the_blocks_are_what_the_source_says():
    blocks = parsed([SAMPLE])
    headings = [b for b in blocks if isinstance(b, Paragraph) and b.kind == "h1"]
    assert plain_text(headings) == "Title with bold"
    markers = [b.marker for b in blocks if isinstance(b, Paragraph) and b.marker]
    assert markers == ["1.", "2.", "•", "3.", "☐", "☑"]
    code = [b for b in blocks if isinstance(b, Code)]
    assert [(c.language, c.closed) for c in code] == [("python", True), ("", True)]
    assert code[0].text == 'def f(x):\n\n    return "``" + x'
    (table,) = [b for b in blocks if isinstance(b, Table)]
    assert len(table.rows) == 2 and table.aligns == ("left", "right")
    assert [b.quote for b in blocks if isinstance(b, Paragraph) and b.quote] == [1, 2]
    assert any(b.kind == "math" and b.spans[0].text == "E = mc²" for b in blocks if isinstance(b, Paragraph))
    assert "$5 and $10, x²." in plain_text(blocks)


def test_an_open_fence_is_code_at_once_and_its_half_closing_mark_never_shows():
    markdown = Incremental()
    markdown.feed("```js\nlet a = 1;\n``")
    assert markdown.blocks == [Code("let a = 1;", "js", closed=False)]
    markdown.feed("`\n")
    assert markdown.blocks == [Code("let a = 1;", "js", closed=True)] and markdown.settled == 1


def test_table_rows_arrive_one_by_one():
    markdown = Incremental()
    markdown.feed("|a|b|\n|-|-|\n|1|2|\n|3")
    (table,) = markdown.blocks
    assert isinstance(table, Table) and len(table.rows) == 1
    markdown.feed("|4|\n\nend")
    assert len(markdown.blocks[0].rows) == 2 and plain_text(markdown.blocks[1:]) == "end"


def test_a_table_keeps_thirty_columns_and_counts_the_rest():
    row = "|" + "|".join(str(i) for i in range(50)) + "|\n"
    (table,) = parsed([row + "|" + "-|" * 50 + "\n" + row])
    assert len(table.header) == 30 and len(table.rows[0]) == 30 and table.hidden_columns == 20


@pytest.mark.parametrize(
    "source",
    [
        "a" * (3 * MAX_PIECE),
        "[" * 5000,
        "> " * 300 + "deep",
        "- " * 200 + "deep",
        "*a " * 3000,
        "![](" * 3000,
    ],
)
def test_what_is_too_long_or_tangled_is_shown_as_written(source):
    pieces = [source[at : at + SLICE] for at in range(0, len(source), SLICE)]
    assert plain_text(parsed(pieces)).replace("\n", "").strip() == source.strip()


def test_html_and_unsafe_links_are_text_and_pictures_are_not_loaded():
    spans = parsed(
        ["<b>x</b> [f](file:///etc/passwd) [j](javascript:alert(1)) [s](smb://h/x) ![alt](http://h/i.png)"]
    )[0].spans
    assert "<b>x</b>" in spans[0].text
    assert [s.href for s in spans if s.href] == ["http://h/i.png"]
    assert [s.text for s in spans if s.image] == ["alt"]


def test_characters_with_a_meaning_to_qt_or_the_eye_are_replaced():
    blocks = parsed(["a\x00b\u202ec\ufdd0d\ud800e\r\nf\u2029g"])
    assert plain_text(blocks) == "a\ufffdb\ufffdc\ufffdd\ufffde\nf\ng"
