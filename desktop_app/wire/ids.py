"""Object ids: a prefix that names the kind, then 24 random alphanumeric characters."""

import secrets
import string

ASSISTANT = "asst_"
THREAD = "thread_"
MESSAGE = "msg_"
RUN = "run_"
STEP = "step_"
CALL = "call_"
FILE = "file-"
VECTOR_STORE = "vs_"
FILE_BATCH = "vsfb_"
UPLOAD = "upload_"
UPLOAD_PART = "part_"

_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """A fresh id such as `thread_4Zr...` (the prefix and 24 characters)."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(24))
