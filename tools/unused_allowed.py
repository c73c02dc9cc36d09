"""What nothing in the source calls by its name, and why it stands there all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# reason -> names
ALLOWED: Final[Mapping[str, str]] = {
    "Django finds it by its name: options of models, forms and apps": """
        Meta abstract constraints ordering field_order verbose_name PeopleConfig HouseConfig
    """,
    "Django finds it by its name: accounts": """
        USERNAME_FIELD EMAIL_FIELD REQUIRED_FIELDS get_by_natural_key _get_session_auth_hash last_login
    """,
    "Django finds it by its name: hooks of forms, fields and querysets": """
        clean_due_on clean_into clean_password to_python queryset
    """,
    "Django finds it by its name: hooks of middleware, validators and logs; addresses": """
        process_view get_error_message process_log_record handler400 handler403 handler404 handler500
        urlpatterns
    """,
    "a column that queries alone ask for, by keyword": "in_police",
    "refused where Django would offer it: rows that are never changed": "bulk_update update_or_create",
    "allauth finds it by its name: hooks of its adapters": """
        is_open_for_signup get_client_ip respond_user_inactive get_http_user_agent get_login_redirect_url
        send_notification_mail template_prefix generate_authenticator_name pre_authenticate
        _rollback_login_failed_rl_usage
    """,
    "a decorator's mark on a view, read by the test that enumerates all addresses": "open_because",
    "read by another middleware by its name": "htmx",
    "named in quoted types": "TracebackType AnonymousUser _StrOrPromise",
    "pytest finds it by its name": """
        pytest_addoption pytest_collection_modifyitems pytest_configure pytest_fixture_setup
        pytest_load_initial_conftests pytest_runtest_protocol pytest_sessionfinish
    """,
    "ast finds it by its name": "visit_AnnAssign visit_Break visit_JoinedStr",
    "set for the interpreter and for Numba": "CACHE_DIR dont_write_bytecode",
    "kept in the database for whoever audits it": """
        asked_on ended_at by_password by_recovery retired_on started_at finished_at
    """,
    "a permission's pair (check_x raises, x says): a template or a later room asks": """
        signed_in see_today see_exact_counts
    """,
    "fields of the gallery's example form, which templates reach by iterating": "helps",
    "the truth of the invented city, for analysts and calibrations": "patrols",
    "results that an analyst reads; no page shows them": "cells_share history_share left_ratio",
}


def names() -> dict[str, str]:
    """Each allowed name with its reason."""
    return {name: reason for reason, line in ALLOWED.items() for name in line.split()}
