from django.urls import include, path

from portal.health import healthz, readyz
from portal.well_known import robots, security

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("robots.txt", robots, name="robots"),
    path(".well-known/security.txt", security, name="security"),
    path("", include("accounts.urls")),
    path("", include("documents.urls")),
]
