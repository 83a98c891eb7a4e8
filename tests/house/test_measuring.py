"""`make bench` tells the truth about a bar, and one broken measurement does not hide the others."""

import sys
from types import ModuleType

import pytest

from bench import Line
from bench.__main__ import MODULES, main


@pytest.mark.parametrize(
    ("measured", "bar", "reached"),
    [(0.07, "≥ 0.07 of bare Starlette", True), (0.069, "≥ 0.07", False), (2.5, "≤ 2.5 s", True), (2.6, "≤ 2.5 s", False)],
)
def test_a_bar_is_reached_from_its_own_side(measured: float, bar: str, reached: bool) -> None:
    assert Line("what", measured, bar).reached is reached


@pytest.fixture
def two_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    sound, broken = ModuleType("bench.sound"), ModuleType("bench.broken")
    sound.lines = lambda: [Line("list", 0.05, "≥ 0.07"), Line("start", 1.5, "≤ 2.5 s")]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bench.sound", sound)
    monkeypatch.setitem(sys.modules, "bench.broken", broken)
    monkeypatch.setattr("bench.__main__.MODULES", ["broken", "sound"])


@pytest.mark.usefixtures("two_measurements")
def test_one_broken_measurement_is_told_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert main() == 1
    said = [line.split()[-1] for line in capsys.readouterr().out.splitlines()[1:]]
    assert said == ["BROKEN", "MISSED", "ok", "broken"]
    monkeypatch.setattr(sys, "argv", ["bench", "sound"])
    assert main() == 0


def test_an_unknown_measurement_is_refused_with_the_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "nothing"])
    assert main() == 2
    assert "no such measurement: nothing" in capsys.readouterr().err


def test_every_measurement_has_its_lines() -> None:
    from importlib import import_module

    assert [name for name in MODULES if not callable(getattr(import_module(f"bench.{name}"), "lines", None))] == []
