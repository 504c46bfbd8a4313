"""The health check of our containers, whose images have no curl.

`python -m appliance.health URL` ends with status 0 when the URL answers 200 within five
seconds, else with 1 and one line that says why.
"""

import http.client
import sys
from urllib.parse import urlsplit

_TIMEOUT_S = 5.0


def check(url: str) -> str | None:
    """Ask `url` once; return None when it is healthy, else what was wrong."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return "expected a URL that starts with http://"
    connection = http.client.HTTPConnection(
        parts.hostname, parts.port or 80, timeout=_TIMEOUT_S
    )
    target = parts.path or "/"
    try:
        connection.request("GET", f"{target}?{parts.query}" if parts.query else target)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({type(error).__name__})"
    finally:
        connection.close()
    return None if status == http.HTTPStatus.OK else f"answered {status}"


def main(arguments: list[str]) -> int:
    """Check the one URL given and return the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m appliance.health URL\n")
        return 2
    problem = check(arguments[0])
    if problem is not None:
        sys.stderr.write(f"unhealthy: {problem}\n")
    return 0 if problem is None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
