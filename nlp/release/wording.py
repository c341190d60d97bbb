"""Patterns of wording that single paragraphs below the lead are told apart by; all of them linear or bounded."""

from __future__ import annotations

import re

__all__ = [
    "CALL_WORDS",
    "CAUTIOUS",
    "CONTACT_ABOVE",
    "CONTACT_TOKEN",
    "COUNT",
    "DASH",
    "FIRST_WORD",
    "LABEL",
    "LEGAL_END",
    "NEWS",
    "NO_PROFILE",
    "NUMERIC",
    "QUOTE_OPEN",
    "is_attributed",
]

NUMERIC = re.compile(r"[\s$€£¥()%\d.,—–\-/*]+$")
# The telling character comes first, so that the scan is one search for a character class; lookbehinds tell the cases apart.
CONTACT_TOKEN = re.compile(
    r"[@+\dPpTtFfEeMm](?:(?<=[\w.+-]@)[\w-]|(?<=\+) ?\d{1,3}[ (-]"
    r"|(?<!\w.)(?:(?<=\d)\d{2}\)?[-. /]{1,2}\d{3}[-. ]{1,2}\d{4}\b"
    r"|(?i:(?<=p)hone|(?<=t)el|(?<=f)ax|(?<=e)-?mail|(?<=m)obile)\b))",
    re.S,
)
# above the lead, where a headline must not be taken for a contact
CONTACT_ABOVE = re.compile(
    r"[@+\dPpTtFfEeMm](?:(?<=\w@)[\w-]{1,60}\.|(?<=\+)\d{1,3}[ (]"
    r"|(?<!\w.)(?:(?<=\d)\d{2}\)?[-. ]{1,2}\d{3}[-. ]{1,2}\d{4}\b"
    r"|(?i:(?<=p)hone|(?<=t)el|(?<=f)ax|(?<=e)-?mail|(?<=m)obile|(?<=e)xt)\b))",
    re.S,
)
CALL_WORDS = re.compile(
    r"(?i)\b(?:dial|webcast|conference (?:call|id)|passcode|access code|replay|confirmation code)\b"
)
COUNT = re.compile(
    r"(?i)\W{0,8}about (?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|half|a |an )\b"
)
NEWS = re.compile(
    r"(?i)\b(?:announce[sd]?|today|said|reported|quarter|yesterday|this (?:week|month)|will|periodically|comment(?:ed|s)|stated|added|says|noted)\b|[“\"]|"
    r"(?-i:^(?:This|These|The|In|We|Our|For|It|As|All|Such|To|With|By|At|On|After|Following|Under|There|If|When|He|She|They|Dr|Mr|Ms|Each|Both|One)\b)"
)
NO_PROFILE = re.compile(
    r"(?i)today announc|\b(?:periodically|paid advertisement|disclaimers?|reserves? the right|directors and executive officers"
    r"|this (?:communication|content|article|press release|release|report))\b|^\W{0,4}(?:https?://|www\.)|^\W?[\w .&®™-]{2,40}['’]s?\b"
)
LABEL = re.compile(r"(?i)\W{0,8}(?:ex|for|immediate|release)")
DASH = re.compile(r"--|[–—/…]|\s-\s|-\s|\.\.\.|\(")
FIRST_WORD = re.compile(r"[^\w\n]{0,4}([^\W_]+)")
# in a paragraph of a safe-harbor statement that begins with the issuer's name
CAUTIOUS = re.compile(
    r"(?i)\b(?:risks?|uncertain\w*|results?|could|may|might|assum\w+|obligat\w+|undertakes?|caution\w*|disclaims?|expect\w*|filings?)\b|^\W?\w+[’']"
)
LEGAL_END = re.compile(r"^.{2,60}\b(?:Inc|INC|Corp|CORP|Ltd|LTD|LLC|plc|PLC|AG|SA|NV)\.?$")
QUOTE_OPEN = ("“", '"', "„", "«", "&quot;")
_SAID_REACH = 110  # characters before an opening quote
_SAID = (
    r"(?:said|says|stated|states|comments?|commented|adds|added|notes|noted|remarked|explained|continued|concluded|observed|sagte|"
    r"déclare|a déclaré|dijo)"
)
_QUOTE = re.compile(r"[”\"»“„«]|&quot;")
_SAID_AFTER = re.compile(rf"(?:[”\"»“]|&quot;),? (?:[\w.’'-]+ ){{0,4}}?{_SAID}\b")
_SAID_BEFORE = re.compile(rf"\b(?i:according to|{_SAID})\b[^“\"„«\n;]{{0,90}}\Z")
_QUOTED = re.compile(r"[“\"„«](?=\w[^”\"\n]{25})")


def is_attributed(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` says who spoke: behind a closing quote, or before an opening one."""
    said = text[start:end]
    if not (
        '"' in said
        or "“" in said
        or "”" in said
        or "»" in said
        or "„" in said
        or "«" in said
        or "&quot;" in said
    ):
        return False
    for quote in _QUOTE.finditer(text, start, end):
        position = quote.start()
        if _SAID_AFTER.match(text, position, end):
            return True
        if _QUOTED.match(text, position, end) and _SAID_BEFORE.search(
            text, max(start, position - _SAID_REACH), position
        ):
            return True
    return False
