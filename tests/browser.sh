#!/bin/sh
# Finds a Chromium for the browser tests: the one on the machine, else Debian's, else Playwright's own.
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
"$1/playwright" install chromium || echo "No Chromium could be had: the browser tests will not run."
