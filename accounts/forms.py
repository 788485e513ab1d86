from collections.abc import Callable
from functools import wraps
from struct import error as StructError
from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from accounts import phones
from accounts.models import FirmPolicy, Language, Reminders, Role, User


class SignInForm(forms.Form):
    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "aria-describedby": "how"}),
    )
    shared = forms.BooleanField(label=_("This phone is not only mine"), required=False)


class ReachForm(forms.Form):
    """How a client is reminded. `phone` is cleaned to "" or +15551234567."""

    phone = forms.CharField(
        label=_("Mobile phone"),
        max_length=40,
        required=False,
        help_text=_("With its area code, for example 312 555 0142."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    reminders = forms.ChoiceField(
        label=_("Remind me"),
        choices=Reminders.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"phone": user.phone, "reminders": user.reminders}
        self.user = user

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        try:
            return phones.e164(typed) if typed else ""
        except phones.NoNumber as problem:
            raise forms.ValidationError(_("Look at this number again. It needs its area code.")) from problem

    def clean_reminders(self) -> str:
        """Fields are cleaned in order: the phone is known by now."""
        chosen = str(self.cleaned_data["reminders"])
        if chosen == Reminders.TEXT and not self.cleaned_data.get("phone") and "phone" not in self.errors:
            raise forms.ValidationError(_("Write your mobile phone too."))
        if chosen == Reminders.MAIL and not self.user.has_email:
            raise forms.ValidationError(_("The office has no e-mail of yours. Choose another way."))
        return chosen


class NewPassword(forms.Form):
    """Chosen by the person alone, pasted or typed, at most 4096 characters, never trimmed (ASVS 6.2)."""

    password = forms.CharField(
        label=_("Password"), strip=False, max_length=4096, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.rules = user, password_validators_help_texts()

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], self.user)
        return str(self.cleaned_data["password"])


class ChangePassword(NewPassword):
    field_order = ["current", "password"]
    current = forms.CharField(
        label=_("Your password now"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def clean_current(self) -> str:
        if not self.user.check_password(self.cleaned_data["current"]):
            raise forms.ValidationError(_("That is not your password now."))
        return str(self.cleaned_data["current"])


def credential(clean: Callable[..., Any]) -> Callable[..., Any]:
    """The libraries below expect a browser's answer and raise all of these when it is something else."""

    @wraps(clean)
    def calmly(form: forms.Form) -> Any:
        try:
            return clean(form)
        except (KeyError, ValueError, TypeError, IndexError, AttributeError, StructError) as error:
            raise forms.ValidationError(_("The passkey did not work. Try again.")) from error

    return calmly


class PasskeySignInForm(LoginWebAuthnForm):
    clean_credential = credential(LoginWebAuthnForm.clean_credential)


class PasskeyFactorForm(AuthenticateWebAuthnForm):
    clean_credential = credential(AuthenticateWebAuthnForm.clean_credential)


class PasskeyConfirmForm(ReauthenticateWebAuthnForm):
    clean_credential = credential(ReauthenticateWebAuthnForm.clean_credential)


class PasskeyForm(AddWebAuthnForm):
    """Every passkey here is one that signs in by itself, so there is nothing to choose."""

    clean = credential(AddWebAuthnForm.clean)
    name = forms.CharField(label=_("Name of this device"), max_length=50, required=False)
    passwordless = None


class InviteForm(forms.Form):
    """For staff; clients are invited to a matter."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"), choices=[choice for choice in Role.choices if choice[0] != Role.CLIENT])
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)


class FirmForm(forms.ModelForm):
    class Meta:
        model = FirmPolicy
        fields = [
            "firm_name", "address", "phone", "totp_until", "client_idle_minutes", "staff_idle_minutes",
            "absolute_hours", "step_up_minutes",
        ]  # fmt: skip
        labels = {
            "firm_name": _("Name of the firm"),
            "address": _("Address"),
            "phone": _("Phone"),
            "totp_until": _("Authenticator apps are allowed through"),
            "client_idle_minutes": _("Minutes without use, clients"),
            "staff_idle_minutes": _("Minutes without use, staff"),
            "absolute_hours": _("Hours until everybody signs in again"),
            "step_up_minutes": _("Minutes a second factor stays fresh"),
        }
        help_texts = {"totp_until": _("Empty: staff sign in with passkeys only.")}
        widgets = {
            "totp_until": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "address": forms.Textarea({"rows": 3}),
        }
