#!/bin/sh
# Finds a Chromium for the browser tests: the one on the machine, else Debian's, else Playwright's own. The headless
# shell, Chromium without its window, is rather taken: a new page costs it a tenth of the processor's time.
for name in chromium-headless-shell chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq
  for name in chromium-headless-shell chromium; do
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$name" >/dev/null && exit 0
  done
fi
"$1/playwright" install --only-shell chromium || echo "No Chromium could be had: the browser tests will not run."
