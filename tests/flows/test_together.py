"""People search while others save: nobody gets an error, what is saved is found, and no process holds more and more."""

from tests import sizes
from tests.bench import together


def test_people_search_while_others_save(tmp_path, figure):
    seconds, saves = sizes.of(4, 300), sizes.of(5, 20)
    report = together.Bench(tmp_path, sizes.of(60, 20_000)).run(seconds, saves, sizes.of(64, 1600))
    told = list(report.lines())
    for line in told if sizes.long else told[:4]:
        figure(f"searching beside saves: {line}")
    assert report.faults(flat=sizes.long) == []
    assert report.asked
    assert report.saved
    assert report.found
    assert set(report.states) <= set(together.WELL)
