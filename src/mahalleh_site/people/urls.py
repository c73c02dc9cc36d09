"""The addresses of the people room, below a language.

Of allauth's pages only those are here that a closed partnership needs: nobody signs up, changes the address
of an account or resets a password by mail; that is an administrator's work. Those that change an account run
in one transaction, with the entry that `receivers` writes into the audit log.
"""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkey
from django.db.transaction import atomic
from django.urls import include, path

from mahalleh_site.people import views
from mahalleh_site.people.keys import views as key_views

own_account = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("logout/", views.SignOut.as_view(), name="account_logout"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", atomic(views.NewPassword.as_view()), name="account_change_password"),
    path("2fa/", factors.index, name="mfa_index"),
    path("2fa/authenticate/", views.SecondStep.as_view(), name="mfa_authenticate"),
    path("2fa/reauthenticate/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", atomic(app.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", atomic(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        atomic(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("2fa/recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/webauthn/", passkey.list_webauthn, name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", atomic(passkey.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/webauthn/login/", passkey.login_webauthn, name="mfa_login_webauthn"),
    path("2fa/webauthn/reauthenticate/", passkey.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/edit/", passkey.edit_webauthn, name="mfa_edit_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", atomic(passkey.remove_webauthn), name="mfa_remove_webauthn"),
]

urlpatterns = [
    path("today/", views.today, name="today"),
    path("me/", views.me, name="me"),
    path("me/sign-out-everywhere/", views.end_my_sessions, name="end-my-sessions"),
    path("me/close/", views.close_my_account, name="close-my-account"),
    path("me/key/", key_views.key, name="my-key"),
    path("me/key/close/", key_views.close_key, name="close-my-key"),
    path("me/key/give/", key_views.grant, name="give-access"),
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/new/", views.organisation_form, name="new-organisation"),
    path("organisations/<int:number>/", views.organisation, name="organisation"),
    path("organisations/<int:number>/change/", views.organisation_form, name="change-organisation"),
    path("organisations/<int:number>/invite/", views.invite, name="invite"),
    path("roles/<int:number>/end/", views.end_role, name="end-role"),
    path("roles/<int:number>/change/", views.change_role, name="change-role"),
    path("people/<int:number>/", views.person, name="person"),
    path("people/<int:number>/link/", views.renew_link, name="renew-link"),
    path("people/<int:number>/forget-factors/", views.forget_factors, name="forget-factors"),
    path("people/<int:number>/active/", views.set_active, name="set-active"),
    path("people/<int:number>/erase/", views.erase, name="erase"),
    path("audit/", views.audit_log, name="audit"),
    path("welcome/<str:uid>/<str:token>/", views.welcome, name="welcome"),
    path("demo/enter/", views.enter_demo, name="enter-demo"),
    path("accounts/", include(own_account)),
]
