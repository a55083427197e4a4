"""A cheap phone on a bad line: how much a page weighs, how soon it is read, and whether it jumps."""

import gzip
import statistics
import urllib.parse

import pytest

from designs import samples
from tests import sizes

pytestmark = pytest.mark.browser

HEAVIEST = "/c/comun/cisterna-de-placas"
WATCH = """
window.seen = {lcp: 0, fcp: 0, shift: 0};
new PerformanceObserver(list => { for (const e of list.getEntries()) seen.lcp = e.startTime })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (e.name == 'first-contentful-paint') seen.fcp = e.startTime })
  .observe({type: 'paint', buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) seen.shift += e.value })
  .observe({type: 'layout-shift', buffered: true});
"""


def addresses():
    designs = [f"/c/comun/{sample.slug}" for sample in samples.all_samples()]
    return ["/", *(designs if sizes.long else [HEAVIEST])]


def test_pages_weigh_little_and_ask_for_little(visit, figure):
    heaviest = ("", 0)
    for address in addresses():
        visitor = visit(360, language="es")
        asked = []
        visitor.page.on("response", lambda answer, asked=asked: asked.append(answer))
        visitor.goes(address).page.wait_for_load_state("networkidle")
        asked = [a for a in asked if not urllib.parse.urlsplit(a.url).path.startswith("/files/")]
        weight = sum(len(gzip.compress(answer.body(), 9)) for answer in asked)
        heaviest = max(heaviest, (address, weight), key=lambda one: one[1])
        assert len(asked) <= 4, [answer.url for answer in asked]
        assert weight <= 30_000, address
        visitor.context.close()
    figure(f"{len(addresses())} pages without photos and drawings: at most {heaviest[1]:,} bytes ({heaviest[0]})")


def seen(visit, address, kilobits, latency):
    """What a phone sees of an address, the first time that it comes."""
    visitor = visit(360, language="es")
    visitor.page.add_init_script(WATCH)
    line = visitor.context.new_cdp_session(visitor.page)
    line.send("Network.enable")
    bytes_a_second = kilobits * 1000 / 8
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": latency,
            "downloadThroughput": bytes_a_second,
            "uploadThroughput": bytes_a_second,
        },
    )
    line.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    visitor.page.goto(visitor.url + address, wait_until="load", timeout=90_000)
    visitor.page.wait_for_timeout(500)
    found = visitor.page.evaluate("seen")
    visitor.context.close()
    return found


@pytest.mark.parametrize("address", ["/", HEAVIEST])
def test_the_page_is_there_soon_and_does_not_jump(visit, figure, address):
    found = [seen(visit, address, 400, 400) for _ in range(sizes.of(1, 3))]
    lcp = statistics.median(one["lcp"] for one in found) / 1000
    shift = max(one["shift"] for one in found)
    figure(f"{address} at 400 kbit/s, 400 ms, CPU x 6: LCP {lcp:.2f} s, layout shift {shift:.3f}")
    assert 0 < lcp <= 3
    assert shift <= 0.05


@pytest.mark.parametrize("address", ["/", HEAVIEST] if sizes.long else [HEAVIEST])
def test_at_fifty_kilobits_the_first_words_come_in_seconds(visit, figure, address):
    found = [seen(visit, address, 50, 800) for _ in range(sizes.of(1, 3))]
    first = statistics.median(one["fcp"] for one in found) / 1000
    figure(f"{address} at 50 kbit/s, 800 ms: first words after {first:.2f} s")
    assert 0 < first <= 7
