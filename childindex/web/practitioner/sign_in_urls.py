"""Addresses of signing in and of one's own access. allauth's own pages are not offered: there is no signing up here."""

from __future__ import annotations

from django.urls import path

from childindex.web.practitioner import confirm, enrol, my_access, sign_in, welcome

urlpatterns = [
    path("sign-in", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-in/code", sign_in.SecondFactor.as_view(), name="mfa_authenticate"),
    path("sign-in/recovery-code", sign_in.RecoveryCode.as_view(), name="sign_in_recovery"),
    path("sign-in/passkey", sign_in.PasskeyAlone.as_view(), name="mfa_login_webauthn"),
    path("confirm", confirm.confirm, name="confirm_again"),
    path("sign-out", sign_in.sign_out, name="account_logout"),
    path("enrol/set-up", enrol.enrol_set_up, name="enrol_set_up"),
    path("enrol/<str:link>", enrol.enrol, name="enrol"),
    path("role", my_access.choose_role, name="choose_role"),
    path("agreement", my_access.agreement, name="agreement"),
    path("welcome", welcome.welcome, name="welcome"),
    path("my-access", my_access.my_access, name="my_access"),
    path("my-access/passkeys/add", my_access.add_passkey, name="add_passkey"),
    path("my-access/passkeys/<int:passkey_id>/remove", my_access.remove_passkey, name="remove_passkey"),
    path("my-access/recovery-codes", my_access.recovery_codes, name="recovery_codes"),
]
