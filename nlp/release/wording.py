"""Patterns of wording that single paragraphs below the lead are told apart by; all of them linear or bounded."""

from __future__ import annotations

import re

__all__ = [
    "ATTRIBUTED",
    "CALL_WORDS",
    "CONTACT_TOKEN",
    "COUNT",
    "DASH",
    "LABEL",
    "LEGAL_END",
    "NEWS",
    "NUMERIC",
    "QUOTE_OPEN",
]

NUMERIC = re.compile(r"[\s$€£¥()%\d.,—–\-/*]+$")
# The telling character comes first, so that the scan is one search for a character class; lookbehinds tell the cases apart.
CONTACT_TOKEN = re.compile(
    r"[@+\dPpTtFfEeMmLl](?:(?<=[\w.+-]@)[\w-]|(?<=\+) ?\d{1,3}[ (-]"
    r"|(?<!\w.)(?:(?<=\d)\d{2}\)?[-. /]{1,2}\d{3}[-. ]{1,2}\d{4}\b"
    r"|(?i:(?<=p)hone|(?<=t)el|(?<=f)ax|(?<=e)-?mail|(?<=m)obile|(?<=l)inkedin|(?<=t)witter)\b))",
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
LABEL = re.compile(r"(?i)\W{0,8}(?:ex|for|immediate|release)")
DASH = re.compile(r"--|[–—/…]|\s-\s|-\s|\.\.\.|\(")
LEGAL_END = re.compile(r"^.{2,60}\b(?:Inc|INC|Corp|CORP|Ltd|LTD|LLC|plc|PLC|AG|SA|NV)\.?$")
QUOTE_OPEN = ("“", '"', "„", "«", "&quot;")
_SAID = (
    r"(?:said|says|stated|states|comments?|commented|adds|added|notes|noted|remarked|explained|continued|concluded|observed|sagte|"
    r"déclare|a déclaré|dijo)"
)
# a closing quote and who said it; or who said it and an opening quote
ATTRIBUTED = re.compile(
    rf"(?:[”\"»“]|&quot;),? (?:[\w.’'-]+ ){{0,4}}?{_SAID}\b|\b(?i:according to|{_SAID})\b[^“\"„«\n;]{{0,90}}[“\"„«](?=\w[^”\"\n]{{25}})"
)
