"""Patterns of wording that single paragraphs below the lead are told apart by; all of them linear or bounded."""

from __future__ import annotations

import re

__all__ = [
    "CALL_WORDS",
    "CAUTIOUS",
    "COMPANY",
    "CONTACT_ABOVE",
    "CONTACT_TOKEN",
    "COUNT",
    "DASH",
    "FIRST_WORD",
    "GOES_ON",
    "LABEL",
    "LEGAL_END",
    "NAMED",
    "NEWS",
    "NEWS_PREDICATE",
    "NO_PROFILE",
    "NUMERIC",
    "POSSESSIVE",
    "PREAMBLE",
    "PROFILE_HEAD",
    "QUOTES",
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
    r"(?i)\b(?:announce[sd]?|today(?!,? (?-i:[A-Z]|the [Cc]ompany|it |we ))|said|reported|quarter|yesterday|this (?:week|month)|will|periodically|comment(?:ed|s)|stated|added|says|noted|registered trademarks?)\b|[“\"](?=\w[^”\"]{25})|"
    r"(?-i:^(?:This|These|The|In|We|Our|For|It|As|All|Such|To|With|By|At|On|After|Following|Under|There|If|When|He|She|They|Dr|Mr|Ms|Each|Both|One)\b)"
)
NO_PROFILE = re.compile(
    r"(?i)today announc|\b(?:periodically|paid advertisement|disclaimers?|reserves? the right|directors and executive officers"
    r"|this (?:communication|content|article|press release|release|report))\b|^\W{0,4}(?:https?://|www\.|[A-Z][a-z]+: )|^\W?[\w .&®™-]{2,40}['’]s?\b"
)
LABEL = re.compile(r"(?i)\W{0,8}(?:ex|for|immediate|release)")
# what a company is called by, or says of itself alone
COMPANY = re.compile(
    r"\b(?:(?:Inc|Corp|Corporation|Ltd|Limited|LLC|LLP|plc|PLC|AG|SA|SE|NV|AB|ASA|GmbH|LP|Holdings?|Group|Co)\b"
    r"|(?i:(?:(?<!the )company|companies|corporation|firm|organi[sz]ation|provider|leader|manufacturer|developer|distributor|supplier|"
    r"producer|maker|group|institut(?:e|ion)|university|hospital|foundation|association|society|non-?profit|network|partnership|fund|agency|"
    r"subsidiary|subsidiaries|retailer|pioneer|business(?:es)?|enterprise|cdmo|cro|start-?up|spin-?(?:out|off)|headquartered|founded|"
    r"incorporated|based in|nasdaq|nyse|employs|offices|products|services|solutions|brands?|customers|clients)\b))"
)
# a name that opens a paragraph and by its words is a company's
NAMED = re.compile(
    r"\W?(?:The )?(?:[A-Z0-9][\w&.’'-]* ){1,3}(?:Therapeutics|Pharma(?:ceuticals?|\b)|Bio(?:sciences?|pharma\w*|tech\w*|logics|medical|\b)|Medical|Health(?:care)?|"
    r"Laborator(?:ies|y)|Labs|Sciences|Technologies|Genomics|Genetics|Oncology|Diagnostics|Immunotherapeutics|Systems|Partners|Capital|Ventures|"
    r"Holdings?|Group|Corporation|Corp|Company|Inc|Ltd|Limited|LLC|plc|PLC|AG|SA|SE|NV|AB|ASA|GmbH)\b"
)
# what a profile may say before its company's name
PREAMBLE = re.compile(
    r"(?:The|(?:Founded|Established|Formed|Incorporated|Created|Organi[sz]ed|Headquartered|Based in|Located in|(?:In business|Operating|In operation|Active) since|Since (?:\d{4}|its)|"
    r"(?:For|With|Over|In) [^.]{0,40}\b(?:years|decades|century|centuries|generations)\b|"
    r"With (?:headquarters|offices|operations|roots|facilities|subsidiaries)|"
    r"(?:As )?(?:an?|the|one of)(?! result| consequence| reminder| part\b| further| total| first step)(?-i: [^.]{0,60}\b(?:leader|leading|global|world\S*|pioneer\S*|"
    r"premier|provider|company|largest|member|subsidiary|maker|manufacturer|developer)\b))[^.]*)[ ,]+(?:the )?",
    re.I,
)
# what befalls a company or what it means to do, right behind its name: news
NEWS_PREDICATE = re.compile(
    r"(?:The )?(?:\W{0,3}(?:\([^()]{0,60}\)|[A-Z][\w.&®™’'-]*+|(?:of|and|de|for)\b))++,?\s+(?:(?:also|currently|now|recently|further|previously|already)\s+)*+"
    r"(?:plans?|expects?|intends?|anticipates?|hopes?|continues?|may|can|could|should|would|had|were|did|does|do not|must|undertakes?|disclaims?|cautions?|assumes?|ma[dk]es? no|"
    r"has (?!been|grown|built|become|offices|an? |developed|created|established|more than|over|approximately|about \d|\d|operations|facilities|locations|served|made|"
    r"pioneered|its |headquarters|two|three|four|five|six|seven|eight|nine|ten|several|no |successfully (?:developed|built)|helped|earned|assembled)|"
    r"is (?:\w+ly )?(?:planning|conducting|evaluating|seeking|scheduled|eligible|pleased|proud|excited|hosting|expected|not|now|on track|present(?:ing|ed)|participating|"
    r"responsible|entitled|required|enrolling|continuing|preparing|issuing|subject|under|in (?:the process|discussions|talks)|developing the|also|able|free|obliged|delighted)|"
    r"was (?!founded|established|formed|incorporated|created|organi[sz]ed|launched|started|born|spun|co-founded)|"
    r"began|held|sold|paid|won|met|got|gave|took|sees|grew|fell|rose|(?:received|reported|announced|ended|completed|initiated|appointed|filed|submitted|raised|"
    r"closed|acquired|entered|granted|retained|recorded|issued|treated|dosed|presented|published|signed|agreed|started|enrolled|exercised|declared|elected|approved|"
    r"amended|terminated|engaged (?!in)|hired|named|posted|estimated|expected|planned|decided|repurchased|purchased|priced|obtained|regained|joined|hosted)\b)"
)
# what is the company's, but is no part of its profile
POSSESSIVE = re.compile(
    r"\W?[\w .&®™,-]{2,40}(?:['’]s|s['’]) (?!(?:mission|vision|goal|purpose|strategy|products|portfolio|pipeline|platform|technolog|headquarters|common|shares|business|stock))"
)
# how a profile's second paragraph may begin
GOES_ON = re.compile(
    r"(?:It|Its|The [Cc]ompany(?:['’]s)?|Our|We|Additional(?:ly)?|In addition|For (?:more|further|additional))\b|\W?(?:www\.|https?://)"
)
# a heading above a profile that is none where something else stands below
PROFILE_HEAD = re.compile(
    r"(?i)\W{0,4}(?:about(?: us)?|the company|who (?:we are|(?:is|are) .{2,50})|.{0,60}\b(?:profile|overview|at a glance|in brief|background|boilerplate|facts(?: about .{2,50})?|"
    r"(?:company|corporate) (?:information|summary|description))|(?:.{0,30}\b)?(?:profile|background|overview|information|more|facts)(?: information)?(?: (?:on|of|about)|:) .{2,50})[\s:?*_–—-]*"
)
DASH = re.compile(r"--|[–—/…]|\s-\s|-\s|\.\.\.|\(")
FIRST_WORD = re.compile(r"[^\w\n]{0,4}([^\W_]+)")
# in a paragraph of a safe-harbor statement that begins with the issuer's name
CAUTIOUS = re.compile(
    r"(?i)\b(?:risks?|uncertain\w*|results?|could|may|might|assum\w+|obligat\w+|undertakes?|caution\w*|disclaims?|expect\w*|filings?|trademarks?)\b|^\W?\w+[’'](?!s? (?:mission|vision|goal|purpose|strategy|products|portfolio|pipeline|platform|technolog|headquarters|common|shares|business))"
)
LEGAL_END = re.compile(r"^.{2,60}\b(?:Inc|INC|Corp|CORP|Ltd|LTD|LLC|plc|PLC|AG|SA|NV)\.?$")
QUOTE_OPEN = ("“", '"', "„", "«", "&quot;")
QUOTES = ("”", '"', "“", "»")
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
    for quote in _QUOTE.finditer(text, start, end):
        position = quote.start()
        if _SAID_AFTER.match(text, position, end):
            return True
        if _QUOTED.match(text, position, end) and _SAID_BEFORE.search(
            text, max(start, position - _SAID_REACH), position
        ):
            return True
    return False
