"""What a new provider begins with, by its kind."""

from desktop_app.wire.models import Dialect, Preset

PRESETS = (
    Preset(
        kind="openai",
        name="OpenAI",
        base_url="https://api.openai.com/v1",
        wire="responses",
        needs_key=True,
        key_page="https://platform.openai.com/api-keys",
        hint="The key begins with sk-. Questions and the passages found for them go to OpenAI.",
    ),
    Preset(
        kind="azure",
        name="Azure OpenAI",
        base_url="https://YOUR-RESOURCE.openai.azure.com/openai/v1",
        wire="responses",
        needs_key=True,
        key_page="https://portal.azure.com",
        hint="Put your resource's name into the address. Models are called by the names of their deployments.",
    ),
    Preset(
        kind="openrouter",
        name="OpenRouter",
        base_url="https://openrouter.ai/api/v1",
        wire="chat",
        needs_key=True,
        key_page="https://openrouter.ai/settings/keys",
        hint="One key for models of many makers. The key begins with sk-or-.",
    ),
    Preset(
        kind="ollama",
        name="Ollama",
        base_url="http://localhost:11434/v1",
        wire="chat",
        needs_key=False,
        hint="Runs on your computer. Fetch a model first, such as: ollama pull llama3.2",
    ),
    Preset(
        kind="lmstudio",
        name="LM Studio",
        base_url="http://localhost:1234/v1",
        wire="chat",
        needs_key=False,
        hint="Runs on your computer. Start its server under Developer, and load a model.",
    ),
    Preset(
        kind="vllm",
        name="vLLM",
        base_url="http://localhost:8000/v1",
        wire="chat",
        needs_key=False,
        hint="A server for larger machines: vllm serve MODEL. It asks for a key if it was started with --api-key.",
    ),
    Preset(
        kind="llamacpp",
        name="llama.cpp",
        base_url="http://localhost:8080/v1",
        wire="chat",
        needs_key=False,
        hint="Its own server: llama-server -m MODEL.gguf --jinja",
    ),
    Preset(
        kind="other",
        name="Other",
        base_url="https://",
        wire="chat",
        needs_key=True,
        hint="Any address that speaks OpenAI's Chat Completions or Responses; it often ends in /v1.",
    ),
)


def preset(kind: Dialect) -> Preset:
    return next(each for each in PRESETS if each.kind == kind)
