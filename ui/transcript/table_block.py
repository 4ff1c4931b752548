"""A table of a message: columns as wide as their words want, scrolled sideways when they don't fit."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QBrush,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextOption,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)
from PySide6.QtWidgets import QWidget

from ui.markdown.blocks import Span, Table, spans_text
from ui.markdown.style import fixed, text_style
from ui.markdown.writer import write_spans
from ui.theme.widgets import Button
from ui.transcript.text_block import StillText

MAX_CELLS = 300  # drawn before the user asks for more: laying out a table costs time with each cell
_CELLS_AT_ONCE = 100
_CELL_PADDING = 8  # pixels
_MIN_COLUMN = 56
_MAX_COLUMN = 320
_SCROLLED_COLUMN = 200  # where the table is scrolled anyway
_SAMPLE_ROWS = 60  # measured for the widths of columns
_LINE_HEIGHT = 135  # per cent


class TableBlock(QWidget):
    """Shows a ``Table``; ``resized`` when more of its rows are to be drawn."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = _TableText(self)
        self._text.setAccessibleName(self.tr("Table"))
        self.setAccessibleName(self.tr("Table"))
        self._more = Button(self.tr("Show more rows"), self, kind="link")
        self._more.clicked.connect(self._show_more)
        self._more.hide()
        self._table: Table | None = None
        self._cells = MAX_CELLS
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.resized)
        self._width = -1
        self._drawn_rows = 0
        self._widths: tuple[int, ...] = ()

    def table(self) -> Table | None:
        """What is shown."""
        return self._table

    def text_widget(self) -> StillText:
        """The text itself, for selection and tests."""
        return self._text

    def show_table(self, table: Table) -> None:
        """Show ``table`` instead of what is there."""
        self._table, self._cells, self._drawn_rows = table, MAX_CELLS, 0
        self._width = -1

    def grow(self, table: Table) -> bool:
        """Become ``table`` by adding rows; false (and nothing done) if it isn't just more of the same."""
        old = self._table
        if old is None or old.header != table.header or old.aligns != table.aligns:
            return False
        if table.rows[: len(old.rows)] != old.rows:
            return False
        self._table = table
        return True

    def height_for(self, width: int) -> int:
        """Height in pixels when ``width`` pixels wide; draws the rows that are new."""
        table = self._table
        if table is None:
            return 0
        columns = len(table.header)
        wanted = min(len(table.rows), max(1, self._cells // columns))
        rows = min(wanted, self._drawn_rows + max(1, _CELLS_AT_ONCE // columns))
        if rows < wanted:
            self._soon.start()
        widths = self._column_widths(table, width)
        fresh = width != self._width or widths != self._widths
        if fresh:
            self._width, self._widths = width, widths
            self._draw(table, rows)
        elif rows != self._drawn_rows:
            self._draw_rows(table, rows)
        left = len(table.rows) - rows
        self._more.setVisible(left > 0)
        if left > 0:
            self._more.setText(self.tr("Show more rows (%s left)") % left)
        style = text_style()
        size = self._text.document().documentLayout().documentSize()
        bar = style.px(12) if sum(widths) + 2 > width else 0
        self._text.setGeometry(0, 0, width, math.ceil(size.height()) + bar)
        if fresh:
            self._text.horizontalScrollBar().setValue(0)
        more = self._more.sizeHint().height() if left > 0 else 0
        if more:
            self._more.setGeometry(0, self._text.height(), self._more.sizeHint().width(), more)
        return self._text.height() + more

    def _show_more(self) -> None:
        self._cells += MAX_CELLS
        self.resized.emit()

    def _column_widths(self, table: Table, width: int) -> tuple[int, ...]:
        """What the longest cell of each column wants, squeezed towards ``width`` but never unreadably narrow."""
        style = text_style()
        metrics = QFontMetricsF(style.font())
        padding = 2 * style.px(_CELL_PADDING) + 2
        wanted: list[float] = []
        for column in range(len(table.header)):
            cells = [row[column] for row in table.rows[:_SAMPLE_ROWS] if column < len(row)]
            texts = [spans_text(cell)[:80] for cell in cells]
            longest = max(texts, key=len, default="")
            head = metrics.horizontalAdvance(spans_text(table.header[column])[:80]) * 1.08
            wanted.append(max(head, metrics.horizontalAdvance(longest)) * 1.04 + padding)
        # In steps, so that a row more seldom moves all columns of a table being written.
        step = style.px(16)
        wide = [min(math.ceil(one / step) * step, style.px(_MAX_COLUMN)) for one in wanted]
        least = [min(one, style.px(_MIN_COLUMN + 40)) for one in wide]
        spare = width - 2 - sum(least)
        if sum(wide) + 2 <= width:
            return tuple(wide)
        if spare <= 0:
            return tuple(min(one, style.px(_SCROLLED_COLUMN)) for one in wide)
        over = sum(wide) - sum(least)
        return tuple(low + int(spare * (one - low) / over) for low, one in zip(least, wide, strict=True))

    def _draw(self, table: Table, rows: int) -> None:
        style = text_style()
        self._text.begin(sum(self._widths))
        form = QTextTableFormat()
        form.setCellPadding(style.px(_CELL_PADDING))
        form.setCellSpacing(0)
        form.setBorder(0)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        form.setMargin(0)
        form.setHeaderRowCount(1)
        form.setColumnWidthConstraints([fixed(width) for width in self._widths])
        cursor = QTextCursor(self._text.document())
        cursor.beginEditBlock()
        drawn = cursor.insertTable(1 + rows, len(self._widths), form)
        self._fill(drawn, 0, (table.header,), table, bold=True)
        self._fill(drawn, 1, table.rows[:rows], table)
        cursor.endEditBlock()
        self._drawn_rows = rows
        self._text.table = drawn
        self._text.home()

    def _draw_rows(self, table: Table, rows: int) -> None:
        drawn = self._text.table
        assert drawn is not None
        cursor = QTextCursor(self._text.document())
        cursor.beginEditBlock()
        drawn.appendRows(rows - self._drawn_rows)
        self._fill(drawn, 1 + self._drawn_rows, table.rows[self._drawn_rows : rows], table)
        cursor.endEditBlock()
        self._drawn_rows = rows

    def _fill(
        self,
        drawn: QTextTable,
        first: int,
        rows: tuple[tuple[tuple[Span, ...], ...], ...],
        table: Table,
        bold: bool = False,
    ) -> None:
        style = text_style()
        sides = {"center": Qt.AlignmentFlag.AlignHCenter, "right": Qt.AlignmentFlag.AlignRight}
        blocks = []
        for align in table.aligns:
            block = QTextBlockFormat()
            block.setAlignment(sides.get(align, Qt.AlignmentFlag.AlignLeft))
            block.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            blocks.append(block)
        cell_format = QTextTableCellFormat()
        cell_format.setBottomBorder(1)
        cell_format.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        cell_format.setBottomBorderBrush(QBrush(style.border))
        for at, row in enumerate(rows):
            for column, spans in enumerate(row[: drawn.columns()]):
                cell = drawn.cellAt(first + at, column)
                cell.setFormat(cell_format)
                cursor = cell.firstCursorPosition()
                cursor.setBlockFormat(blocks[column])
                write_spans(cursor, spans, style, "h4" if bold else "text")


class _TableText(StillText):
    """The document of a table, as wide as its columns whatever the view's width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: QTextTable | None = None
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def begin(self, width: int) -> None:
        """Empty, for a table ``width`` pixels wide."""
        self.table = None
        self.document().clear()
        self.document().setDefaultFont(text_style().font())
        self.set_wrap_width(width + 2)
        root = self.document().rootFrame()
        form = root.frameFormat()
        form.setMargin(0)
        root.setFrameFormat(form)
        # The paragraphs Qt keeps before and after a table take no room.
        cursor = QTextCursor(self.document())
        block = QTextBlockFormat()
        block.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor.setBlockFormat(block)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        hidden = self.horizontalScrollBar().maximum() - self.horizontalScrollBar().value()
        if hidden > 0:  # a hairline at the right says that there is more
            right = self.viewport().width() - 1
            painter.fillRect(QRectF(right, 0, 1, self.viewport().height()), text_style().border)
        painter.end()
