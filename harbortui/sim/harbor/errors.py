"""Harbor's error answers.

Codes and statuses as goharbor/harbor src/lib/errors/const.go and src/lib/http/error.go have them: the body is
`{"errors":[{"code":...,"message":...}]}` and the text of every 5xx is masked.
"""

from __future__ import annotations

import json

STATUS: dict[str, int] = {
    "BAD_REQUEST": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "DENIED": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "PRECONDITION": 412,
    "UNPROCESSABLE_ENTITY": 422,
    "UNKNOWN": 500,
}


class ApiError(Exception):
    """An answer other than success: Harbor's `code`, which decides the status, and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = STATUS[code]
        self.message = "internal server error" if self.status >= 500 else message

    def body(self) -> dict[str, object]:
        """The JSON body."""
        return {"errors": [{"code": self.code, "message": self.message}]}


def unauthorized() -> ApiError:
    """401: nobody is logged in, or the credentials were wrong and the request went on as anonymous."""
    return ApiError("UNAUTHORIZED", "unauthorized")


def not_found(what: str) -> ApiError:
    """404 with "<what> not found"."""
    return ApiError("NOT_FOUND", f"{what} not found")


def invalid(message: str) -> ApiError:
    """422 as go-swagger's parameter validation words it."""
    return ApiError("UNPROCESSABLE_ENTITY", f"validation failure list:\n{message}")


def internal(message: str) -> ApiError:
    """500; the message reaches only core's log."""
    return ApiError("UNKNOWN", message)


def log_not_found(job_id: str) -> ApiError:
    """404 of a log the job service does not hold; core passes the job service's JSON on inside its message."""
    inner = {"code": 10010, "message": "object is not found", "details": job_id}
    return ApiError("NOT_FOUND", json.dumps(inner, separators=(",", ":")))
