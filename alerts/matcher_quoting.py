"""How matchers write and read text: quotes, escapes, and what cannot stand without quotes. Go's rules.

Which of them an input calls for is for `matcher_syntax`.
"""

import re

SPACES = frozenset("\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(n) for n in range(0x2000, 0x200B)
}
RESERVED = frozenset("{}!=~,\\\"'`")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
SURROGATES = range(0xD800, 0xE000)
LAST_CODE_POINT = 0x10FFFF
LAST_BYTE = 0xFF


class BadQuotes(ValueError):  # noqa: N818 - it names what is wrong
    """A quoted text that Go would not read."""


def is_reserved(character: str) -> bool:
    """Return whether a character must not stand in a name or a value without quotes."""
    return character in SPACES or character in RESERVED


def escaped(text: str) -> str:
    """Return a text for between two quotes: backslashes, quotes and line ends are escaped, nothing else."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def quoted(text: str) -> str:
    """Return a text in quotes, as Go quotes it."""
    return '"' + "".join(map(_shown, text)) + '"'


def _shown(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    simple = next((name for name, one in _SIMPLE.items() if one == character), None)
    if simple is not None:
        return f"\\{simple}"
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x80 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004 - widths of an escape


def unquoted(text: str) -> str:
    """Return what stands between two quotes, both included in `text`.

    Raises:
        BadQuotes: an escape is none, a line ends inside, or the bytes are no UTF-8.
    """
    inner = text[1:-1]
    if "\n" in inner:
        raise BadQuotes("a line ends between quotes")
    found, place = bytearray(), 0
    for escape in _ESCAPE.finditer(inner):
        found += _bytes(inner[place : escape.start()]) + _unescaped(escape)
        place = escape.end()
    try:
        return (found + _bytes(inner[place:])).decode()
    except UnicodeDecodeError:
        raise BadQuotes("quoted string contains invalid UTF-8 code points") from None


def _bytes(text: str) -> bytes:
    if "\\" in text or '"' in text:
        raise BadQuotes("a quote or a backslash stands alone")
    return text.encode(errors="replace")


def _unescaped(escape: re.Match[str]) -> bytes:
    byte, short, long, octal, simple = escape.groups()
    if simple is not None:
        if simple not in _SIMPLE:
            raise BadQuotes(f"\\{simple} is no escape")
        return _SIMPLE[simple].encode()
    if byte is not None or octal is not None:
        number = int(byte, 16) if byte is not None else int(octal, 8)
        if number > LAST_BYTE:
            raise BadQuotes(f"\\{octal} is larger than a byte")
        return bytes([number])
    number = int(short or long, 16)
    if number > LAST_CODE_POINT or number in SURROGATES:
        raise BadQuotes(f"U+{number:X} is no character")
    return chr(number).encode()
