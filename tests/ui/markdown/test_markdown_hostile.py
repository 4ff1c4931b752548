"""Whatever a model writes: no exception, nothing is loaded, no link but to the web or a mailbox, no word is hidden."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.markdown import links
from ui.markdown.latex import readable
from ui.theme import icons
from ui.transcript.body import Body
from ui.transcript.table_block import TableBlock
from ui.transcript.text_block import StillText, TextBlock

TARGETS = [
    "file:///etc/passwd", "/etc/passwd", "//host/share", "smb://host/x", "javascript:alert(1)",
    "data:text/html,x", "qrc:/a", "ms-msdt:/id", "http://[::1", "https://a@b/", "https://ok.example/",
    "mailto:a@b.c", "\\\\host\\x", "C:\\x", "attachment:1",
]  # fmt: skip
PIECES = [
    "\n", "\n\n", " ", "    ", "\t", "# ", "- ", "1. ", "> ", ">" * 25, "- " * 25, "```", "```py\n",
    "~~~", "|", "|-|-|\n", "|a|b|\n", "|" * 40, "-" * 5 + "\n", "===\n", "**", "*", "_", "~~", "`", "$",
    "$$", "\\(", "\\[", "[", "](", ")", "![", "<", ">", "&#0;", "&lt;", "\\",
    "<script>alert(1)</script>", "<img src=file:///etc/passwd>", "<a href=//h/x>", "<!--", "]]>",
    "\u202e", "\u2066", "\u2029", "\ufdd0", "\ufffc", "\ud83d", "\x00", "\x1b[31m", "\r", "e\u0301" * 5,
    "\u0e49" * 30, "漢字", "👩‍👩‍👧", "word", "a" * 500, "[x](", "![x](", "\\frac{", "^{", "{" * 30,
    "[a]: file:///x\n",
]  # fmt: skip
hostile = st.lists(
    st.one_of(
        st.sampled_from(PIECES),
        st.sampled_from(TARGETS).map(lambda t: f"[x]({t})"),
        st.sampled_from(TARGETS).map(lambda t: f"![x](<{t}>)"),
        st.sampled_from(TARGETS).map(lambda t: f"<{t}>"),
        st.text(max_size=20),
    ),
    max_size=40,
).map("".join)

opened: list[str] = []
watching = False


def _watch(event: str, arguments: tuple) -> None:
    if watching and event in (
        "open",
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.system",
    ):
        # Attune's own: lexers are imported with the first code of their language, icons read when first shown.
        if event == "open" and str(arguments[0]).endswith((".py", ".pyc", ".so")):
            return
        if event == "open" and Path(str(arguments[0])).parent == icons.FOLDER:
            return
        opened.append(f"{event} {arguments[:1]}")


sys.addaudithook(_watch)


@pytest.fixture(scope="module")
def body(qapp):
    if not qapp.styleSheet():
        theme.install(qapp, "light")
    made = Body()
    made.resize(600, 400)
    made.show()
    yield made
    made.deleteLater()


def hrefs(text: StillText) -> set[str]:
    found = set()
    block = text.document().begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            form = iterator.fragment().charFormat()
            assert not form.isImageFormat()
            if form.isAnchor():
                found.add(form.anchorHref())
            iterator += 1
        block = block.next()
    return found


@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(source=hostile)
def test_hostile_markdown_is_shown_and_loads_nothing(body, source):
    global watching
    asked = []
    original = StillText.loadResource
    StillText.loadResource = lambda self, kind, name: (asked.append(name), original(self, kind, name))[1]
    opened.clear()
    watching = True
    try:
        body.set_text(source[: len(source) // 2], finished=False)
        body.append(source[len(source) // 2 :])
        body.advance()
        body.finish()
        body.height_for(600)
        body.height_for(200)
        QApplication.processEvents()
        body.grab()
    finally:
        watching = False
        StillText.loadResource = original
    assert asked == [] and opened == []
    for piece in body.pieces():
        text = piece if isinstance(piece, StillText) else piece.text_widget()
        assert all(links.allowed(href) for href in hrefs(text))
        assert "\u202e" not in text.toPlainText()
        if isinstance(piece, TextBlock):
            assert text.document().blockCount() == len(piece.paragraphs())


@pytest.mark.parametrize("target", TARGETS)
def test_only_web_and_mail_addresses_are_links(target):
    assert links.allowed(target) == (target in ("https://ok.example/", "mailto:a@b.c"))


@pytest.mark.parametrize(
    "target",
    ["http://h/a b", "HTTP://h", "https://", "mailto:x", "http://u:p@h/", "http://h/\u202e", "h" * 3000],
)
def test_disguised_addresses(target):
    assert links.allowed(target) == (target == "HTTP://h")


def test_a_request_for_a_resource_is_answered_without_opening_anything(body, tmp_path):
    file = tmp_path / "secret.txt"
    file.write_text("secret")
    text = TextBlock()
    QTextCursor(text.document()).insertHtml(f"<img src='{file.as_uri()}'><img src='//host/share/x.png'>")
    global watching
    opened.clear()
    watching = True
    try:
        text.show()
        text.grab()
        text.setSource(file.as_uri())
        QApplication.processEvents()
    finally:
        watching = False
    assert opened == [] and "secret" not in text.toPlainText()
    text.deleteLater()


def test_a_large_table_is_drawn_in_part_until_asked(body):
    row = "|" + "|".join(f"c{i}" for i in range(30)) + "|\n"
    body.set_text(row + "|" + "-|" * 30 + "\n" + row * 300)
    for _ in range(100):
        QApplication.processEvents()
    body.height_for(600)
    (table,) = [piece for piece in body.pieces() if isinstance(piece, TableBlock)]
    assert len(table.table().rows) > 200
    assert table.text_widget().table.rows() <= 1 + 300 // 30


@given(st.text(alphabet="\\{}^_ab12 \\frac\\sqrt&~$%αβ", max_size=200))
def test_any_formula_can_be_read(source):
    shown = readable(source)
    assert shown is None or isinstance(shown, str)


@pytest.mark.parametrize("source", ["{" * 2000, "^" * 2000, "\\frac" * 400, "\\sqrt{" * 300, "_{^" * 600])
def test_deep_formulas_end(source):
    shown = readable(source)
    assert shown is None or isinstance(shown, str)
