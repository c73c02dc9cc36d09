"""The door for a web server: `granian --interface wsgi mahalleh_site.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from mahalleh_site import terminal

os.umask(terminal.CLOSED)  # whichever server this runs in
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mahalleh_site.settings")
application = get_wsgi_application()
