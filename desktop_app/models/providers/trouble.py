"""What is wrong with a provider that is being set up, in a sentence, and what to do about it. Never with the key."""

import ssl
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx2

from desktop_app.models.providers.presets import preset
from desktop_app.models.remote.endpoint import Endpoint
from desktop_app.models.remote.errors import quoted
from desktop_app.models.remote.faults import ReportedError, causes_of, connection_fault
from desktop_app.wire.models import Provider

_SHOWN_MODELS = 5
_CHECK_NETWORK = "Check the address for typing errors, and your network connection."


@dataclass(frozen=True)
class Trouble:
    message: str
    remedy: str = ""

    def at_another_address(self, address: str) -> "Trouble":
        """The same with the address as its remedy where the models were found; nothing changes for ""."""
        return replace(self, remedy=f"There are models at {address}: use that address.") if address else self

    @classmethod
    def late(cls, endpoint: Endpoint) -> "Trouble":
        return cls(
            f"{endpoint.host} took too long to answer.",
            "Check the address, your network connection and whether a firewall is in between; or try again later.",
        )

    @classmethod
    def slow(cls, provider: Provider, model: str) -> "Trouble":
        return cls(
            f"{provider.name} lists its models, but '{model}' did not begin to answer in time.",
            "It may still be loading the model: try again in a minute, or choose a smaller one.",
        )

    @classmethod
    def no_models(cls, provider: Provider) -> "Trouble":
        remedies = {"ollama": "Fetch one, for instance with: ollama pull llama3.2", "lmstudio": "Load a model there."}
        return cls(
            f"{provider.name} answers, but has no model yet.", remedies.get(provider.kind, "Add a model there first.")
        )


def of_connection(error: Exception, endpoint: Endpoint) -> Trouble:
    """A connection that could not be made, or broke."""
    host, here = endpoint.host, endpoint.runs_here
    proxy = "" if here else _proxy(endpoint.base_url)
    fault = connection_fault(error)
    if proxy and (isinstance(error, httpx2.ProxyError) or fault in ("refused", "not found", "late")):
        return Trouble(
            f"{host} is reached through the proxy {proxy}, which does not let us through.",
            "Check the proxy in your system's network settings (HTTPS_PROXY), or exempt this host from it (NO_PROXY).",
        )
    match fault:
        case "certificate":
            return _of_certificate(error, endpoint)
        case "not found":
            return Trouble(f"No computer named {host} was found.", _CHECK_NETWORK)
        case "refused":
            remedy = "Start its program, and check the port." if here else "Check the address and the port."
            return Trouble(f"Nothing answers at {host}.", remedy)
        case "late":
            return Trouble.late(endpoint)
        case None:
            return _no_list(endpoint)
        case _:
            return Trouble(
                f"{host} broke the connection off.",
                "Check the port, and whether the address begins with http: or https: as the server expects.",
            )


def of_answer(answer: httpx2.Response, provider: Provider, endpoint: Endpoint) -> Trouble | None:
    """What is wrong with what came instead of a list of models; None when it is one."""
    if answer.is_redirect:
        return _of_redirect(answer, endpoint)
    body = _json(answer)
    if answer.status_code != httpx2.codes.OK:
        report = ReportedError.of(body if isinstance(body, dict) else answer.text[:1000])
        return of_refusal(answer.status_code, report.said, provider, endpoint, no_quota=report.no_quota)
    if isinstance(body, dict) and (isinstance(body.get("data"), list) or body.get("object") == "list"):
        return None
    return _no_list(endpoint, is_page=_is_page(answer))


def of_refusal(
    status: int,
    said: str,
    provider: Provider,
    endpoint: Endpoint,
    model: str = "",
    names: Sequence[str] = (),
    no_quota: bool = False,
) -> Trouble | None:
    """A refusal by its HTTP status, of the list or, with `model`, of a question; None where the words must do."""
    host, name, words = endpoint.host, provider.name, quoted(said, endpoint.key)
    key_page = preset(provider.kind).key_page
    match status:
        case 401 if not endpoint.key:
            return Trouble(f"{name} asks for a key.", f"Make one at {key_page}" if key_page else "Enter its key.")
        case 401:
            where = f", or make a new one at {key_page}" if key_page else ""
            return Trouble(f"{host} did not accept the key.", f"Copy the key again, whole{where}.")
        case 403:
            return Trouble(
                f"{host} does not allow this with the given key: {words}",
                "Look there what the key may do, and whether your country or network is let in.",
            )
        case 402 | 429 if no_quota or status == 402:
            return Trouble(f"The quota at {name} is used up: {words}", "Look at your plan and your balance there.")
        case 429:
            return Trouble(f"{name} is asked too much at the moment: {words}", "Wait a minute, and try again.")
        case 404 if model and provider.kind == "azure":
            return Trouble(f"{name} has no deployment named '{model}'.", "Use the name that you gave to a deployment.")
        case 404 | 405 if model and names and model not in names:
            some = ", ".join(names[:_SHOWN_MODELS]) + (" ..." if len(names) > _SHOWN_MODELS else "")
            return Trouble(f"{name} has no model named '{model}'.", f"Choose one that it has: {some}")
        case 404 | 405 if model:
            return Trouble(
                f"{name} lists '{model}', but does not answer for it: {words}",
                "Choose the other way to speak to it (Chat Completions or Responses), or another model.",
            )
        case 404 | 405:
            return Trouble(f"{host} has no list of models at this address.", "Check its path; it often ends in /v1.")
        case _ if status >= 500:
            return Trouble(f"{host} has a problem of its own (HTTP {status}): {words}", "Try again later.")
        case _ if status and not model:
            return Trouble(f"{host} refused to list its models (HTTP {status}): {words}", "Check the address.")
        case _:
            return None


def _of_certificate(error: Exception, endpoint: Endpoint) -> Trouble:
    host = endpoint.host
    own = "If the server is your company's own, set ca_file in settings.json (DESKSIDE_CA_FILE) to the file of "
    own += "its certificate authority."
    checks = [each for each in causes_of(error) if isinstance(each, ssl.SSLCertVerificationError)]
    words = " ".join(str(cause) for cause in causes_of(error)).lower()
    if "wrong_version" in words or "wrong version" in words or "record layer" in words:
        return Trouble(f"{host} does not speak https.", "Begin the address with http: instead.")
    message = f"The secure connection to {host} could not be made"
    match checks[0].verify_code if checks else 0:
        case 10:
            return Trouble(f"{message}: its certificate has expired.", "Tell who runs it, and check your clock.")
        case 9:
            return Trouble(
                f"{message}: its certificate is not valid yet.", "Check the date and time of your computer."
            )
        case 62 | 64:
            return Trouble(
                f"{message}: its certificate is for another name.", "Use the name that the certificate is made for."
            )
        case 18 | 19 | 20 | 21:
            return Trouble(f"{message}: nobody that this computer trusts has signed its certificate.", own)
        case _:
            return Trouble(f"{message}.", f"Check the address. {own}")


def _of_redirect(answer: httpx2.Response, endpoint: Endpoint) -> Trouble:
    target = answer.headers.get("location", "")
    try:
        leads_to = urlsplit(str(httpx2.URL(str(answer.url)).join(target)))
    except (ValueError, httpx2.InvalidURL):
        return _no_list(endpoint)
    address = leads_to._replace(query="", fragment="", netloc=leads_to.netloc.rpartition("@")[2])
    base = address._replace(path=address.path.removesuffix("/models")).geturl()
    return Trouble(
        f"{endpoint.host} sends us on to {address.netloc or 'another address'}. Deskside does not follow: your "
        "questions would go where you did not send them.",
        f"If that is right, enter the new address: {base}",
    )


def _no_list(endpoint: Endpoint, *, is_page: bool = False) -> Trouble:
    what = "a web page instead of a list of models" if is_page else "something that is no list of models"
    return Trouble(f"{endpoint.host} answers with {what}.", "Check the address; its path often ends in /v1.")


def _is_page(answer: httpx2.Response) -> bool:
    return "html" in answer.headers.get("content-type", "") or answer.text.lstrip()[:1] == "<"


def _json(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _proxy(url: str) -> str:
    """The host of the proxy that this address is reached through; "" without one."""
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}").netloc.rpartition("@")[2]
