"""Tests in a real browser."""

CHROMIUM = "/usr/bin/chromium"
