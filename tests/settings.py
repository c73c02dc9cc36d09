"""The site's settings for tests: a city's folder of its own, quick password hashes, tasks at once."""

import os
import tempfile
from pathlib import Path

# before the site's settings are read; a folder a process, so that parallel runs do not meet
os.environ["MAHALLEH_VAR"] = tempfile.mkdtemp(prefix="mahalleh-test-")
os.environ.setdefault("MAHALLEH_SECRET_KEY", "tests-only-" + "k" * 50)
if database := os.environ.get("MAHALLEH_TEST_DATABASE_URL"):
    os.environ["MAHALLEH_DATABASE_URL"] = database
else:
    os.environ.pop("MAHALLEH_DATABASE_URL", None)

# a browser test leaves its event loop running in the process, where Django then suspects every query
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

from mahalleh_site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SEAL_COST = Cost(passes=1, memory=8192)  # noqa: F405  (the least that Argon2id takes)
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
CACHES["default"]["LOCATION"] = f"{os.environ['MAHALLEH_VAR']}/counts"  # noqa: F405  (gone with the folder)
PHOTO_PATIENCE = 600  # machines are shared; what happens when it ends has tests of its own
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
Path(os.environ["MAHALLEH_VAR"], "static").mkdir(exist_ok=True)
