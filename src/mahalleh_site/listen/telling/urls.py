"""Pages of residents, below a language."""

from django.urls import path

from mahalleh_site.listen.telling.views import public, receipt, tell

urlpatterns = [
    path("tell/", tell.tell, name="tell"),
    path("tell/map.svg", tell.city_map, name="tell-map"),
    path("tell/send/", tell.telling_on, name="telling"),
    path("receipt/", receipt.receipt, name="receipt"),
    path("receipt/open/", receipt.receipt_open, name="receipt-open"),
    path("reports/<str:number>/", public.report, name="report"),
    path("reports/<str:number>/also/", public.also, name="also"),
]
