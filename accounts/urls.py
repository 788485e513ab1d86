"""Every address of accounts. Of allauth's own views only those in use are mounted, under our addresses."""

from django.urls import path

from accounts.views import account, factors, handing, joining, leaving, people, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-in/code/", sign_in.Code.as_view(), name="account_confirm_login_code"),
    path("sign-in/code/again/", sign_in.new_code, name="new_code"),
    path("sign-in/password/", sign_in.Password.as_view(), name="password"),
    path("sign-in/second-factor/", sign_in.SecondFactor.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", sign_in.Passkey.as_view(), name="mfa_login_webauthn"),
    path("sign-out/", leaving.sign_out, name="sign_out"),
    path("leave/", leaving.leave, name="leave"),
    path("language/", leaving.language, name="language"),
    path("care/", leaving.care, name="care"),
    path("invitations/<str:token>/", joining.join, name="invitation"),
    path("hand-over/", handing.hand_over, name="hand_over"),
    path("on-phone/<str:token>/", handing.on_phone, name="on_phone"),
    path("account/", account.account, name="account"),
    path("account/reach/", account.reach, name="account_reach"),
    path("account/password/", account.change_password, name="change_password"),
    path("account/sessions/", account.end_sessions, name="end_sessions"),
    path("account/second-factor/", factors.second_factor, name="second_factor"),
    path("account/second-factor/app/", factors.add_totp, name="add_totp"),
    path("account/second-factor/<int:pk>/remove/", factors.remove_factor, name="remove_factor"),
    path("account/passkeys/add/", factors.add_passkey, name="add_passkey"),
    path("account/recovery-codes/", factors.recovery_codes, name="recovery_codes"),
    path("reauthenticate/", factors.reauthenticate, name="reauthenticate"),
    path("reauthenticate/code/", factors.ConfirmCode.as_view(), name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", factors.ConfirmPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("people/", people.everybody, name="people"),
    path("people/invite/", people.invite, name="invite_staff"),
    path("people/firm/", people.rules, name="firm"),
    path("people/<uuid:pk>/", people.change, name="change_person"),
]
