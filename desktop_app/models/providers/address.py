"""A provider's address as people type it, made into one that can be used."""

from urllib.parse import parse_qsl, urlsplit

from desktop_app.models.remote.endpoint import is_this_machine
from desktop_app.wire.errors import ApiError, invalid_value
from desktop_app.wire.models import Dialect

MAX_ADDRESS_CHARS = 2000
_OPERATIONS = ("/chat/completions", "/completions", "/responses", "/models")
"""What follows the base URL in the addresses that manuals show."""
_QUERY = {"api-version"}
"""Azure's; anything else in an address may be a key, which does not belong there."""


def clean_address(text: str, kind: Dialect = "other") -> str:
    """The base URL without blanks, a slash at its end, or an operation; raises ApiError for what is no address."""
    text = text.strip()
    if "://" not in text:
        text = f"http://{text}" if is_this_machine(text.partition("/")[0].partition(":")[0]) else f"https://{text}"
    try:
        parts = urlsplit(text)
        port_is_right = parts.port != 0
    except ValueError as error:
        raise _refused("is no web address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right or not text.isprintable():
        raise _refused("is no web address")
    if " " in text or "\\" in text:
        raise _refused("holds characters that no web address has")
    if parts.username is not None or parts.password is not None:
        raise _refused("holds a name or a password, which would be kept in a file; enter the key in its own field")
    if not {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} <= _QUERY or parts.fragment:
        raise _refused("has something behind '?' or '#'; enter the key in its own field")
    path = parts.path.rstrip("/")
    for operation in _OPERATIONS:
        path = path.removesuffix(operation)
    if kind == "azure" and not path:
        path = "/openai/v1"
    return parts._replace(path=path, netloc=parts.netloc.lower()).geturl()


def split_query(base_url: str) -> tuple[str, dict[str, str]]:
    """The address without its query, and the query's parameters."""
    parts = urlsplit(base_url)
    return parts._replace(query="").geturl(), dict(parse_qsl(parts.query))


def host_of(base_url: str) -> str:
    """The host with its port, if it has one; "" where the address is none."""
    try:
        parts = urlsplit(base_url)
        return parts.netloc.rpartition("@")[2] if parts.hostname else ""
    except ValueError:
        return ""


def without_user(base_url: str) -> str:
    """For people: without the name and the password that an address of the environment may hold."""
    scheme, _, rest = base_url.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" if scheme else base_url


def origin_of(base_url: str) -> tuple[str, str]:
    """Scheme, host and port: what a key is meant for."""
    parts = urlsplit(base_url)
    default_port = ":443" if parts.scheme == "https" else ":80"
    return parts.scheme, parts.netloc.removesuffix(default_port)


def runs_here(base_url: str) -> bool:
    """Whether the address is this machine's own."""
    try:
        return is_this_machine(urlsplit(base_url).hostname or "")
    except ValueError:
        return False


def _refused(why: str) -> ApiError:
    return invalid_value(f"The address {why}. Write it like http://localhost:11434/v1.", "base_url")
