"""The addresses of the people room, below a language."""

from django.urls import include, path

from mahalleh_site.people import views

urlpatterns = [
    path("today/", views.today, name="today"),
    path("me/", views.me, name="me"),
    path("me/sign-out-everywhere/", views.end_my_sessions, name="end-my-sessions"),
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/new/", views.organisation_form, name="new-organisation"),
    path("organisations/<int:number>/", views.organisation, name="organisation"),
    path("organisations/<int:number>/change/", views.organisation_form, name="change-organisation"),
    path("organisations/<int:number>/invite/", views.invite, name="invite"),
    path("roles/<int:number>/end/", views.end_role, name="end-role"),
    path("accounts/<int:number>/active/", views.set_active, name="set-active"),
    path("audit/", views.audit_log, name="audit"),
    path("welcome/<str:uid>/<str:token>/", views.welcome, name="welcome"),
    path("demo/enter/", views.demo_door, name="demo-door"),
    path("accounts/login/", views.SignIn.as_view(), name="account_login"),
    path("accounts/logout/", views.SignOut.as_view(), name="account_logout"),
    path("accounts/", include("allauth.urls")),
]
