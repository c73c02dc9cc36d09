"""Pages of the city, below a language."""

from django.urls import path

from mahalleh_site.publish import views

urlpatterns = [
    path("", views.home, name="home"),
    path("find/", views.find, name="find"),
    path("find/suggest/", views.suggest, name="suggest"),
    path("areas/<str:area_id>/", views.area, name="area"),
    path("districts/<str:district_id>/", views.district, name="district"),
    path("topics/", views.topics, name="topics"),
    path("topics/<str:topic_id>/", views.topic, name="topic"),
    path("data/", views.data, name="data"),
    path("method/", views.method, name="method"),
    path("methods/", views.methods, name="methods"),
    path("methods/audit.atom", views.audit_feed, name="audit-feed"),
    path("help/", views.get_help, name="help"),
    path("done/", views.done, name="done"),
]
