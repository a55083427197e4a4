"""Somebody begins to type, and the site goes on."""

import pytest


@pytest.mark.parametrize("width", [360, 1280])
def test_what_may_be_meant_is_offered_while_somebody_types(visit, width):
    visitor = visit(width).goes("/designs").sees("Bomba de mecate")
    field = visitor.page.locator("header input[name=q]")
    option = visitor.page.locator("header datalist option[value='Bomba de mecate para pozo']")
    # The index is made while the site begins.
    for beginning in ("bom", "bomb", "bomba", "bomba d", "bomba de", "bomba de m") * 5:
        field.fill("")
        field.press_sequentially(beginning)
        visitor.page.wait_for_timeout(500)
        if option.count():
            break
    assert option.count() == 1
    field.fill("Bomba de mecate para pozo")
    field.press("Enter")
    visitor.sees("Bomba de mecate para pozo")
