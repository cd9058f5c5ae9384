"""What a text looks like where it may lie hidden: in other encodings, escaped, or within a longer one."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from mmap import mmap
from urllib.parse import quote

Content = bytes | mmap
_LEAST_BYTES = 6
"""Of a text shorter than this, any data hold something that looks like it."""
_WORD = rb"[0-9A-Za-z_.+-]"


@dataclass(frozen=True, kw_only=True)
class Needle:
    """A text that is looked for.

    Attributes:
        text: The text, never empty.
        whole: Whether it counts only where nothing is attached to it, as an id: c1 is not in c17. Such a text
            of fewer than six bytes is looked for only where ids stand, for it may be anything elsewhere.
    """

    text: str
    whole: bool = False

    @property
    def is_telling(self) -> bool:
        """Whether finding its bytes anywhere means anything."""
        return not self.whole or len(self.text.encode()) >= _LEAST_BYTES

    @cached_property
    def forms(self) -> "tuple[Form, ...]":
        """How its bytes may look."""
        seen: dict[bytes, Form] = {}
        for form in _forms(self.text):
            if len(form.content) >= _LEAST_BYTES or form.name == "utf-8":
                seen.setdefault(form.content, form)
        return tuple(seen.values())

    def found_in(self, content: Content) -> str | None:
        """The name of the first form in which it is there; None when it is in none."""
        if not self.is_telling:
            return None
        return next((form.name for form in self.forms if self._is_in(content, form)), None)

    def _is_in(self, content: Content, form: "Form") -> bool:
        at = content.find(form.content)
        if at < 0 or not (self.whole and form.is_text):
            return at >= 0
        return self._alone.search(content) is not None

    @cached_property
    def _alone(self) -> re.Pattern[bytes]:
        plain = b"|".join(re.escape(form.content) for form in self.forms if form.is_text)
        return re.compile(rb"(?<!" + _WORD + rb")(?:" + plain + rb")(?!" + _WORD + rb")")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a text.

    Attributes:
        name: What the way is called.
        content: The bytes.
        is_text: Whether what stands beside them tells if the text ends there.
    """

    name: str
    content: bytes
    is_text: bool = False


def _forms(text: str) -> Iterator[Form]:
    plain = text.encode()
    yield Form("utf-8", plain, is_text=True)
    yield Form("json", json.dumps(text)[1:-1].encode(), is_text=True)
    for escaped in (quote(text, safe=""), quote(text)):
        yield Form("url", escaped.encode(), is_text=True)
        yield Form("url", re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), escaped).encode())
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        yield Form(encoding, text.encode(encoding))
    yield Form("hex", plain.hex().encode())
    yield Form("hex", plain.hex().upper().encode())
    for shift in range(3):
        # what stands before it shifts base64; its first and last letters depend on the neighbours
        core = base64.b64encode(b"\0" * shift + plain)
        inner = core[-(-shift * 8 // 6) : len(core) - 4 if (shift + len(plain)) % 3 else None]
        yield Form("base64", inner)
        yield Form("base64", inner.replace(b"+", b"-").replace(b"/", b"_"))
