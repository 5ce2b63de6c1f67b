"""The drawing process: it comes when it is needed, is held to its limits, and what goes wrong in it is a sentence."""

import asyncio
import os
import signal
import sys
from contextlib import suppress

import psutil
import pytest

from core.adapters.charts.charts import Charts
from core.errors import Misconfigured, Unavailable
from core.reports.chart import Chart, Series
from core.reports.page import Page, Paper, Paragraph

CHART = Chart(kind="bars", title="Spent", names=("a", "b"), series=(Series(label="now", y=(1, 2)),))


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    """Where matplotlib keeps its list of fonts, which takes a second to make."""
    return tmp_path_factory.mktemp("fonts")


@pytest.fixture
async def charts(fonts):
    made = Charts(fonts)
    yield made
    await made.aclose()


async def gone(pid):
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.01)


async def test_charts_and_papers_are_drawn_by_one_process_that_stays(charts):
    assert charts.pid is None
    assert (await charts.png(CHART)).startswith(b"\x89PNG")
    first = charts.pid
    assert await charts.png(CHART, dark=True) != await charts.png(CHART)
    paper = Paper(title="t", pages=(Page(blocks=(Paragraph(text="words"),)),))
    assert (await charts.pdf(paper)).startswith(b"%PDF")
    assert charts.pid == first != os.getpid()


async def test_it_is_told_no_secret(charts, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    await charts.png(CHART)
    assert set(psutil.Process(charts.pid).environ()) <= {"MPLCONFIGDIR", "LC_CTYPE"}


async def test_many_at_once_are_drawn_in_turn(charts):
    drawn = await asyncio.gather(*(charts.png(CHART) for _ in range(5)))
    assert len(set(drawn)) == 1


async def test_too_many_at_once_are_told_so(fonts):
    charts = Charts(fonts, waiting=1)
    first = asyncio.create_task(charts.png(CHART))
    while not charts.waiting:
        await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="1 pictures wait"):
        await charts.png(CHART)
    assert (await first).startswith(b"\x89PNG")
    await charts.aclose()


async def test_one_that_takes_too_long_is_killed_and_the_next_is_drawn(fonts):
    charts = Charts(fonts, seconds=0.05)
    with pytest.raises(Unavailable, match=r"longer than 0 s"):
        await charts.png(CHART)
    assert charts.pid is None
    calm = Charts(fonts)
    assert (await calm.png(CHART)).startswith(b"\x89PNG")
    await calm.aclose()


async def test_a_process_that_dies_is_a_sentence_and_the_next_drawing_has_a_new_one(charts):
    await charts.png(CHART)
    pid = charts.pid
    os.kill(pid, signal.SIGSTOP)
    drawing = asyncio.create_task(charts.png(CHART))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with suppress(Unavailable):  # it may have been noticed before anything was asked of it
        await drawing
    assert (await charts.png(CHART)).startswith(b"\x89PNG")
    assert charts.pid != pid


async def test_a_caller_that_goes_away_leaves_nothing_half_said(charts):
    await charts.png(CHART)
    drawing = asyncio.create_task(charts.png(CHART))
    while not charts.drawing:
        await asyncio.sleep(0)
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    assert (await charts.png(CHART)).startswith(b"\x89PNG")


async def test_it_ends_when_nothing_was_drawn_for_a_while(fonts):
    charts = Charts(fonts, idle=0.01)
    await charts.png(CHART)
    await gone(charts.pid or 0)
    assert (await charts.png(CHART)).startswith(b"\x89PNG")
    await charts.aclose()


async def test_too_little_memory_is_a_sentence_and_not_a_crash_of_dexter(fonts):
    charts = Charts(fonts, memory=60 << 20)
    with pytest.raises(Unavailable):
        await charts.png(CHART)
    await charts.aclose()


async def test_without_matplotlib_it_says_what_to_install(fonts, tmp_path):
    charts = Charts(fonts, python=str(_without(tmp_path, "matplotlib")))
    with pytest.raises(Misconfigured, match="extra `reports`"):
        await charts.png(CHART)
    await charts.aclose()


def _without(folder, module):
    """Return a Python in which a module is not installed."""
    python = folder / "python"
    code = f"import sys, runpy; sys.modules['{module}'] = None; sys.argv = ['', sys.argv[-1]]; "
    code += "runpy.run_module('core.adapters.charts', run_name='__main__')"
    python.write_text(f'#!/bin/sh\nfor last; do :; done\nexec "{sys.executable}" -I -c "{code}" "$last"\n')
    python.chmod(0o755)
    return python


async def test_closing_while_it_draws_ends_it(charts):
    drawing = asyncio.create_task(charts.png(CHART))
    while charts.pid is None:
        await asyncio.sleep(0.001)
    pid = charts.pid
    await charts.aclose()
    await gone(pid)
    with pytest.raises(Unavailable):
        await drawing
