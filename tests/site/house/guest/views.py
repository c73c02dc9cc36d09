"""Two pages."""

from django.http import HttpResponse
from mahalleh_site.guest import permissions

from mahalleh_site.people.permissions import requires
from mahalleh_site.ui.decorators import public_page


@requires(permissions.check_see_guests)
def guest(request):
    """For coordinators."""
    return HttpResponse("Come in.")


@public_page
def guest_book(request):
    """For everyone."""
    return HttpResponse("Nobody yet.")
