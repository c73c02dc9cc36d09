"""Pages of those who read and answer reports, below a language."""

from django.urls import path

from mahalleh_site.listen.desk.views import enter, reports, setup, work

urlpatterns = [
    path("listen/", reports.listen, name="listen"),
    path("listen/new/", enter.enter, name="enter-report"),
    path("listen/setup/", setup.routes, name="listen-setup"),
    path("listen/setup/routes/<int:number>/remove/", setup.remove_route, name="remove-route"),
    path("listen/setup/answers/new/", setup.template, name="new-answer"),
    path("listen/setup/answers/<int:number>/", setup.template, name="change-answer"),
    path("listen/setup/answers/<int:number>/remove/", setup.remove_template, name="remove-answer"),
    path("listen/setup/programs/new/", setup.make_program, name="new-program"),
    path("listen/setup/programs/<int:number>/end/", setup.end_program, name="end-program"),
    path("listen/<str:number>/", reports.report_staff, name="report-staff"),
    path("listen/<str:number>/contact/", reports.report_contact, name="report-contact"),
    path("listen/<str:number>/photos/<int:photo>.jpg", reports.report_photo, name="report-photo"),
    path("listen/<str:number>/do/<str:verb>/", work.work, name="work-report"),
]
