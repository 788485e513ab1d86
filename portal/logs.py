import logging


class WithoutAddress(logging.Filter):
    """Django's own lines about a request carry its address, and addresses carry tokens and ids: name its view instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            record.msg, record.args = (
                "%s in %s",
                (getattr(record, "status_code", ""), match.view_name if match else "-"),
            )
        return True
