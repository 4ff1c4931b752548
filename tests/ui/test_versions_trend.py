"""The trend of the style over its versions: what is drawn of it, said of it, and where it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from learning_jobs import report as report_of
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from assistant.learning.checks.ab_comparison import Score
from assistant.records import StyleVersion
from assistant.services.styles import VersionRow
from ui import app as ui_app
from ui import theme
from ui.style_panel import StylePanel
from ui.versions.page import VersionsPage
from ui.versions.trend_chart import TrendChart
from ui.versions.trend_data import Point, Trend, trends


@pytest.fixture(scope="module")
def app():
    made = ui_app.application()
    theme.install(made, "light")
    yield made
    theme.set_theme("light")


def row(number, agreement=None, kl=0.02, score=None, state="active", in_use=False):
    gate = {"heldout_after": agreement, "kl_per_token": kl, "reward_after": 0.1 * number}
    made = f"2026-01-{number:02d}T10:00:00+00:00"
    version = StyleVersion(f"v{number}", "m", None, made, state, report=report_of({"gate": gate}))
    return VersionRow(version, number, in_use, True, score or Score())


def test_a_trend_has_the_versions_that_were_taken_over_with_their_intervals():
    rows = [
        row(4, 0.9, 0.05, Score(wins=7, losses=3), in_use=True),
        row(3, 0.1, 0.9, state="rejected"),
        row(2, 0.8, 0.03, Score(wins=1, losses=1)),
        row(1, 0.6, 0.02),
    ]
    wins, agreement, kl = trends(rows)
    assert (wins.measure, agreement.measure, kl.measure) == ("wins", "agreement", "kl")
    low, high = Score(wins=7, losses=3).interval
    assert wins.points[1] == Point(4, 0.7, low, high, True)
    assert [(p.number, p.value) for p in agreement.points] == [(1, 0.6), (2, 0.8), (4, 0.9)]
    assert [t.measure for t in trends([row(1), row(2)])] == ["reward", "kl"]  # nothing was kept aside
    assert trends([row(1, 0.5, score=Score(wins=1))]) == ()  # one point is no trend


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_point_is_drawn_in_the_colours_of_the_theme_and_said_in_words(app, mode):
    theme.set_theme(mode)
    points = (Point(1, 0.5, 0.2, 0.8), Point(2, 0.75, 0.4, 0.9, True))
    chart = TrendChart(Trend("wins", points))
    chart.resize(220, chart.sizeHint().height())
    assert chart.accessibleName() == "Preferred, blind, version by version"
    said = "Version 1: 50 % (20 % to 80 %); Version 2: 75 % (40 % to 90 %) in use"
    assert chart.accessibleDescription() == said
    image = chart.grab().toImage()
    first, second = chart.places()
    assert image.pixelColor(second.toPoint()) == theme.colour("accent")  # in use: filled
    assert image.pixelColor(first.toPoint()) == theme.colour("surface")
    chart.show()
    event = QHelpEvent(QEvent.Type.ToolTip, second.toPoint(), chart.mapToGlobal(second.toPoint()))
    QApplication.sendEvent(chart, event)
    assert QToolTip.text() == "Version 2: 75 % (40 % to 90 %) in use"
    QApplication.sendEvent(
        chart, QHelpEvent(QEvent.Type.ToolTip, QPoint(1, 1), chart.mapToGlobal(QPoint(1, 1)))
    )
    chart.close()


@given(
    measure=st.sampled_from(["wins", "agreement", "reward", "kl"]),
    values=st.lists(st.floats(0, 1), min_size=2, max_size=40),
    sign=st.sampled_from([1, -1]),
    width=st.integers(120, 400),
)
def test_no_point_lies_outside_the_chart(app, measure, values, sign, width):
    sign = 1 if measure in ("wins", "agreement", "kl") else sign
    chart = TrendChart(Trend(measure, tuple(Point(n, sign * v) for n, v in enumerate(values, 1))))
    chart.resize(width, chart.sizeHint().height())
    chart.grab()
    assert all(chart.rect().contains(place.toPoint()) for place in chart.places())


def test_the_page_and_the_panel_show_it_from_the_second_version_on(app):
    page, panel = VersionsPage(), StylePanel()
    page.show_versions([row(1, 0.6)])
    assert page.charts() == []
    page.show_versions([row(2, 0.7, in_use=True), row(1, 0.6)])
    assert [chart.trend.measure for chart in page.charts()] == ["agreement", "kl"]
    page.show_versions([row(1, 0.6)])
    app.processEvents()
    assert page.charts() == []
    assert panel.trend_chart() is None
    page.deleteLater()
    panel.deleteLater()
