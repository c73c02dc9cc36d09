"""Open311 GeoReport v2 for other programs: without a language."""

from django.urls import path

from mahalleh_site.listen.open311 import views

BASE = "open311/v2/"

urlpatterns = [
    path(f"{BASE}openapi.json", views.description, name="open311-description"),
    path(f"{BASE}discovery.<str:form>", views.discovery, name="open311-discovery"),
    path(f"{BASE}services.<str:form>", views.services, name="open311-services"),
    path(f"{BASE}services/<str:code>.<str:form>", views.service, name="open311-service"),
    path(f"{BASE}requests.<str:form>", views.requests, name="open311-requests"),
    path(f"{BASE}requests/<str:number>.<str:form>", views.one, name="open311-request"),
    path(f"{BASE}tokens/<str:number>.<str:form>", views.token, name="open311-token"),
    path(f"{BASE}servicerequestupdates.<str:form>", views.updates, name="open311-updates"),
    path(f"{BASE}<path:rest>", views.nothing, name="open311-nothing"),
]
