"""Says, before the tests run, whether the browser tests can run, and how to get what they need."""

import os
import shutil

from tests.browser import CHROMIUM

if not shutil.which(os.environ.get("MAHALLEH_CHROMIUM", CHROMIUM)):
    print("No Chromium: browser tests will be skipped. To run them: apt-get install chromium fonts-noto-core")
