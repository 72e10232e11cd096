"""How much time of an animation frame less urgent work gets while something is dragged."""

from typing import Any

from tests.support.node import in_node
from tests.support.places import PACKAGE

MODULE = PACKAGE / "export/browser/frame_budget.js"
IN_TIME, LATE = 16, 34  # milliseconds from one frame to the next


def budgets(intervals: list[int], *, moving: bool = True) -> list[Any]:
    """The milliseconds given to each of the frames that follow a first one at these intervals."""
    program = """
      const budget = new FrameBudget();
      let now = 1_000;
      budget.at(now, true);
      const given = intervals.map((interval) => budget.at((now += interval), moving));
      console.log(JSON.stringify(given));
    """
    return list(in_node(program, (MODULE, "FrameBudget"), intervals=intervals, moving=moving))


def test_frames_in_time_leave_time() -> None:
    """Every frame that is in time has some milliseconds for less urgent work."""
    assert min(budgets(20 * [IN_TIME])) > 0


def test_a_late_frame_starts_a_pause() -> None:
    """A late frame and a few after it have no time for less urgent work, later ones have again."""
    given = budgets([IN_TIME, LATE, *20 * [IN_TIME]])

    assert given[0] > 0
    assert given[1:4] == [0, 0, 0]
    assert given[-1] > 0


def test_frames_that_are_late_again_are_tried_less_often() -> None:
    """Where every frame with less urgent work makes the next one late, fewer than one frame in
    fifteen has such work.
    """
    program = """
      const budget = new FrameBudget();
      let [now, worked, tried] = [0, false, 0];
      for (let frame = 0; frame < 600; frame++) {
        worked = budget.at((now += worked ? LATE : IN_TIME), true) > 0;
        tried += worked;
      }
      console.log(tried);
    """
    tried = in_node(program, (MODULE, "FrameBudget"), IN_TIME=IN_TIME, LATE=LATE)

    assert 0 < tried < 600 / 15


def test_at_rest_there_is_time() -> None:
    """While nothing moves, late frames have time for less urgent work, too."""
    assert min(budgets([LATE, LATE], moving=False)) > 0


def test_a_frame_after_stillness_is_not_late() -> None:
    """The first frame after a time in which none was asked for has time for less urgent work."""
    program = """
      const budget = new FrameBudget();
      budget.at(1_000, true);
      budget.idle();
      console.log(budget.at(9_000, true));
    """
    assert in_node(program, (MODULE, "FrameBudget")) > 0
