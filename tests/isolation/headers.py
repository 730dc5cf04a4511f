"""What every answer tells browsers, whoever asks for whatever."""

from collections.abc import Mapping

# Who may keep it: pages' pictures are asked for anew each time, and only confirmed; what is the
# same for everybody may be kept by all.
_ASKED_ANEW = {"private, no-cache"}
_EVERYBODYS = (
    "static", "health", "security-txt", "brand-", "manifest", "oauth-metadata", "api-docs",
    "api-chapter", "api-errors", "api-schema", "javascript-catalog", "account_", "favicon", "terms",
    "mfa_", "openid", "socialaccount_login_cancelled",
)  # fmt: skip
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def unsafe(route: str, status: int, headers: Mapping[str, str]) -> list[str]:
    """What is wrong with the headers of an answer."""
    wrong = [f"{name} is {headers.get(name)!r}" for name, right in _ALWAYS.items()
             if headers.get(name) != right]  # fmt: skip
    if headers.get("Referrer-Policy") not in {"same-origin", "no-referrer"}:
        wrong.append("tells others where somebody comes from")
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "*" in policy:
        wrong.append(f"the policy is {policy!r}")
    if "frame-ancestors 'none'" not in policy:
        wrong.append("it may be framed")
    kept = headers.get("Cache-Control", "")
    theirs = not route.startswith(_EVERYBODYS) and status < 300
    if theirs and "no-store" not in kept and kept not in _ASKED_ANEW:
        wrong.append(f"may be kept: {kept!r}")
    sort = headers.get("Content-Type", "").partition(";")[0]
    shown = {"", "text/html", "application/json", "text/plain", "image/png", "text/event-stream",
             "application/problem+json", "text/css", "text/javascript", "image/webp",
             "application/manifest+json", "application/vnd.oai.openapi",
             # made here of pages, and nothing that somebody sent
             "application/pdf", "image/tiff"}  # fmt: skip
    along = headers.get("Content-Disposition", "").startswith("attachment")
    if sort not in shown and not along:
        wrong.append(f"{sort} is shown, not taken along")
    return [f"{route}: {each}" for each in wrong]
