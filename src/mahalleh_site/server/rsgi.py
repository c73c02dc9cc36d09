"""What `mahalleh serve` runs: `granian --interface rsgi mahalleh_site.server.rsgi:application`."""

from mahalleh_site.wsgi import application as wsgi  # isort: skip  (first: it starts Django)

from django.conf import settings

from mahalleh_site.server.answering import Application

application = Application(wsgi, largest=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
