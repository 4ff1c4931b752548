"""What the window's process is like: light, sound with None, and alone on its data folder."""

from __future__ import annotations

import subprocess
import sys

from PySide6.QtWidgets import QLabel
from window_driver import Driver

from assistant.settings import Settings
from ui.single_instance import SingleInstance


def test_the_window_process_loads_no_model_code():
    code = (
        "import sys; import ui.app, ui.pages, ui.settings.page, ui.models.page, ui.shortcuts_page;"
        "heavy = {'torch', 'transformers', 'numpy', 'PIL', 'sqlite_utils'} & set(sys.modules);"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_calls_that_return_none_do_not_wear_none_out(qapp):
    label = QLabel()
    before = sys.getrefcount(None)
    for number in range(20_000):
        label.setText(str(number))
    assert abs(sys.getrefcount(None) - before) < 200


def test_a_second_start_raises_the_first_window(qapp, tmp_path, qtbot):
    first, second = SingleInstance(tmp_path), SingleInstance(tmp_path)
    assert first.acquire()
    with qtbot.waitSignal(first.raise_requested, timeout=5000):
        assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_raising_brings_a_minimised_window_back(qapp, tmp_path):
    driver = Driver(tmp_path / "home", Settings(), start=False)
    driver.window.showMinimized()
    driver.window.come_forward()
    assert driver.window.isVisible() and not driver.window.isMinimized()
    driver.close()
