"""Files for machines: without a language, since numbers have none."""

from django.urls import path

from mahalleh_site.publish import views

urlpatterns = [
    path("releases/<int:number>/<str:name>", views.release_file, name="release_file"),
    path("areas.geojson", views.areas_geojson, name="areas_geojson"),
    path("areas/<str:area_id>.csv", views.area_csv, name="area_csv"),
]
