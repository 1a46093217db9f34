"""What the Settings dialog says about keys, sizes and states."""

from urllib.parse import urlsplit

from desktop_app.wire.models import KeyState, LocalModel, Provider


def key_in_words(key: KeyState) -> str:
    """Where a key is; never more of it than its end."""
    ending = f", ends with {key.ending}" if key.ending else ""
    match key.place:
        case "keyring":
            return f"Kept in the keyring{ending}."
        case "session":
            return (
                f"Kept for this session only{ending}: no keyring was found. "
                "On Linux install and unlock GNOME Keyring or KWallet, then type the key again."
            )
        case "environment":
            return f"Comes from the environment variable DESKSIDE_PROVIDER_KEY{ending}."
    return "No key."


def host_of(provider: Provider) -> str:
    try:
        return urlsplit(provider.base_url).netloc.rpartition("@")[2]
    except ValueError:
        return provider.base_url


def provider_in_words(provider: Provider) -> str:
    """`api.openai.com · key kept in the keyring, ends with abcd`."""
    place = {
        "none": "",
        "keyring": "key in the keyring",
        "session": "key for this session only",
        "environment": "key from the environment",
    }[provider.key.place]
    ending = f", ends with {provider.key.ending}" if provider.key.ending else ""
    where = f"{host_of(provider)} · this computer" if provider.runs_here else host_of(provider)
    return " · ".join(each for each in (where, place + ending) if each)


def size_in_words(count: int) -> str:
    """`105 MB`, `4.7 GB`."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def local_in_words(model: LocalModel) -> str:
    """`105 MB · Apache-2.0 · in memory`."""
    state = {
        "stopped": "loads when it is asked",
        "loading": "loading…",
        "running": "in memory",
        "failed": model.error or "could not be loaded",
    }[model.state]
    context = f"{model.context_tokens:,} tokens of context" if model.context_tokens else ""
    return " · ".join(each for each in (size_in_words(model.bytes), model.licence, context, state) if each)
