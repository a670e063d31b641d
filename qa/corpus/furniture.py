"""One line or sentence -> what kind of page furniture it is, if it is any.

The rules know nothing of the lines around. They are for buttons and banners, not for a text *about* signing in,
newsletters or cookies: a privacy policy must come out whole. ``boilerplate`` adds what only the surroundings tell.
"""

from __future__ import annotations

import re

from qa.types import BoilerplateKind as Kind

_BUTTONS = re.compile(
    r"""(?:
    (?:click\ here\ to\ |click\ to\ )?(?:sign|log)[ -]?(?:in|up|on|out)(?:\ (?:now|here|today|free|for\ free|or\ register))?
    |(?:sign|log)\ ?in\ (?:/|\||or)\ (?:sign\ ?up|register|join|create\ (?:an\ )?account)
    |(?:try|start|join|get\ started|register|download|subscribe|buy|shop|order|book)(?:\ it)?
       (?:\ (?:now|today|for\ free|free|here|us|your\ free\ trial|a\ free\ trial|free\ trial|the\ app|our\ app))+
    |get\ started|subscribe|unsubscribe|create\ (?:an\ |your\ )?(?:free\ )?account|join\ (?:now|free|us)
    |(?:start|begin|claim)\ (?:your|my|a)\ (?:free\ )?(?:\d+[ -]day\ )?(?:free\ )?trial|request\ a\ demo|book\ a\ demo
    |add\ to\ (?:cart|basket|bag)|view\ (?:cart|basket)|check\ ?out\ now|shop\ (?:all|now)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_NAVIGATION = re.compile(
    r"""(?:
    skip\ to\ (?:the\ )?(?:main\ |page\ )?(?:content|navigation|search|footer)|skip\ navigation|jump\ to\ (?:content|navigation)
    |back\ to\ top|(?:go\ )?to\ top|return\ to\ top|top\ of\ page|toggle\ (?:navigation|menu)|open\ menu|close\ menu|main\ menu
    |share(?:\ (?:this|on|via|to|with)\b.{0,40})?|tweet(?:\ this)?|pin\ it|copy\ link|(?:like|follow|find)\ us(?:\ on\b.{0,40})?
    |(?:print|e-?mail|save|bookmark)\ (?:this(?:\ (?:page|article|post))?|page|article)|print|printer[- ]friendly(?:\ (?:page|version))?
    |(?:read|show|load|see|view|learn|discover|find\ out)\ more(?:\ (?:here|now|articles|posts))?|continue\ reading|click\ here|see\ all|view\ all
    |(?:accept|allow|reject|decline|manage)\ (?:all\ )?(?:cookies|all)|cookie\ (?:settings|preferences)|(?:manage|your)\ privacy\ (?:settings|choices)
    |accept|got\ it!?|i\ (?:agree|accept)|dismiss|no\ thanks|not\ now|maybe\ later|was\ this\ (?:page|article|answer|information)?\b.{0,20}helpful\?
    |advertisement|sponsored(?:\ content)?|loading|(?:related|popular|recent|recommended)\ (?:articles|posts)
    |(?:privacy\ policy|terms(?:\ (?:of\ (?:use|service)|and\ conditions))?|site\ ?map|contact\ us|cookie\ policy|accessibility|careers|about\ us|home)
       (?:\s*(?:[|·•/,]|\s)\s*(?:privacy\ policy|terms(?:\ (?:of\ (?:use|service)|and\ conditions))?|site\ ?map|contact(?:\ us)?|cookie\ policy
       |accessibility|careers|about(?:\ us)?|help|home))+
    |[×✕✖☰⨯]|x\ close|close\ (?:×|x)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ACCOUNT_QUESTION = re.compile(
    r"(?:already|existing|returning|new|not|don['’]t|do you|have|forgot|need)\b[^.?]{0,45}\?\s*"
    r"(?:(?:please |click here to )?(?:sign|log)[ -]?(?:in|up|on)|register|join|create|reset|subscribe)\b.{0,40}",
    re.IGNORECASE,
)
_BREADCRUMB = re.compile(
    r"[^\n>»›→|]{1,40}(?:\s*[>»›→]\s*[^\n>»›→|]{1,60}){2,}|home\s*[>»›→/|]\s*.{1,100}", re.IGNORECASE
)
_COPYRIGHT = re.compile(
    r"(?:(?:©|\(c\)|copyright)\s*(?:©|\(c\))?\s*(?:19|20)\d\d\b.{0,140}|(?:©|\(c\)).{0,140}|.{0,140}\ball rights reserved\.?)",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"\b\d{1,2}\s?% off\b|^join (?:over |more than |our )?[\d,.]+ ?(?:k|m|million|thousand)?\+? \w+|\b(?:use|with|promo|discount|coupon) code\b|\bfree shipping\b|\blimited[- ]time offer\b"
    r"|\b(?:offer|sale|deal) ends\b|\bbuy one,? get one\b|\bsave (?:up to )?(?:\d{1,2}\s?%|[$£€]\d+)\s*(?:on|off|when|today|now)\b",
    re.IGNORECASE,
)
_INVITATION = re.compile(
    r"^(?:don['’]t miss[^.!?]{0,60}[.!?:–—-]\s*|want [^.!?]{0,60}\?\s*|please )?"
    r"(?:sign up|subscribe|join|register|get|receive|stay|enter your e-?mail|download|try|start|unlock|upgrade)\b"
    r"[^.!?]{0,120}\b(?:newsletters?|mailing list|e-?mail list|(?:to |in )?your inbox|free trial|for free|our (?:free )?app|"
    r"our community|premium|exclusive (?:offers?|content|deals?)|(?:weekly|daily|monthly) (?:tips|updates|e-?mails?|digest))\b",
    re.IGNORECASE,
)
_ABOUT_PAGE = re.compile(
    r"^(?:this|the) (?:blog post|blog|post|article|page|story|content|video)\b (?:"
    r"(?:was|is|has been|were) (?:(?:originally|first|partly|also|fully) )?(?:written|generated|created|produced|drafted|sponsored|"
    r"brought to you|published|reviewed|supported)\b[^.!?]{0,60}\b(?:with|by|using|for|in partnership|on)\b"
    r"|(?:may )?(?:contains?|includes?) (?:affiliate|sponsored|referral)\b)",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\b(?:this|these|the|our|all|any)\b[^.!?]{0,80}\b(?:information|content|contents|article|page|website|site|material|materials|"
    r"blog|post|leaflet|factsheet|fact sheet|document|tool|app|publication|guide|service)\b[^.!?]{0,160}(?:"
    r"\bnot (?:\w+ ){0,4}(?:a |to )?(?:substitute|replace|replacement|take the place)\b[^.!?]{0,80}\b(?:advice|care|judge?ment|"
    r"diagnosis|treatment|consultation|professional|physician|doctor)\b"
    r"|\bnot (?:\w+ ){0,4}(?:constitute|intended (?:as|to be)|provided as|offered as|considered|construed as|taken as)\b[^.!?]{0,40}"
    r"\b(?:medical|legal|professional|financial|health)\b[^.!?]{0,40}\badvice\b"
    r"|\b(?:informational?|educational)\b[^.!?]{0,40}\bpurposes? only\b"
    r"|\bfor (?:general )?(?:information|education)(?: purposes)? only\b)"
    r"|^(?:\W*)(?:always|please)? ?seek (?:the )?advice of (?:your|a) (?:\w+ ){0,3}(?:physician|doctor|provider|professional)s?\b[^.!?]{0,80}"
    r"\bquestions\b"
    r"|^(?:\W*)never (?:disregard|ignore) (?:\w+ ){0,3}(?:medical )?advice\b[^.!?]{0,120}\b(?:read|seen|heard)\b"
    r"|\b(?:accepts?|assumes?|takes?) no (?:responsibility|liability) for (?:any |the |your )?(?:errors?\b|omissions?\b|inaccurac|use of (?:this|the)\b|"
    r"consequences\b|actions taken\b|loss\b)"
    r"|\bprovided [\"“']?as is[\"”']?[^.!?]{0,40}\bwithout (?:any )?warrant",
    re.IGNORECASE,
)
_LABELLED_DISCLAIMER = re.compile(r"^[*_#>\s]*(?:\w+ )?disclaimers?\s*[*_]*\s*[:–—-]", re.IGNORECASE)
_MENU = re.compile(
    r"home|about(?: us)?|contact(?: us)?|blog|shop|store|search|menu|news|products?|services|faqs?|help|support|careers|jobs|donate|"
    r"(?:my )?account|cart|basket|log ?in|sign in|register|sitemap|next|previous|share|tweet|print|e-?mail|save|close|topics|a-z|videos?",
    re.IGNORECASE,
)
_DECORATION = re.compile(r"^[\s*_#>|«‹←→»›▸▶•\[\](){}-]+|[\s*_|»›→←▸▶.!…\[\](){}-]+$")
_GLUED = re.compile(
    r"(?:Try (?:it )?(?:for free|now|free)|Sign up|Sign in|Log in|Subscribe(?: now)?|Get started|Learn more|Read more|Click here|"
    r"Start free trial|Start your free trial|Join now|Download now|Buy now|Shop now|Share|Tweet|Print|Skip to (?:main )?content|Advertisement)"
    r"(?=[A-Z\"“][a-z’'A-Z]*\s)"
)
_GLUED_END = re.compile(
    r"(?<=[.!?])\s*(?:Try (?:it )?(?:for free|now)|Sign up(?: now| today)?|Subscribe(?: now)?|Learn more|Read more|Click here|"
    r"Continue reading|Start your free trial|Join now|Download now|Buy now|Shop now|Back to top)[\s.!>»›→…]*$"
)
_LONGEST_BUTTON = 60
_LONGEST_BANNER = 220


def is_button(line: str) -> bool:
    """Tell whether a line is nothing but a call to action (``Sign up``, ``Try for free``).

    :param line: as it is read, without markup.
    """
    if len(line) > _LONGEST_BANNER:
        return False
    bare = _DECORATION.sub("", line)
    if not bare or len(bare) > _LONGEST_BUTTON:
        return False
    return bool(_BUTTONS.fullmatch(bare) or _ACCOUNT_QUESTION.fullmatch(bare))


def is_menu_entry(line: str) -> bool:
    """Tell whether a line is a word that menus are made of; only several in a row make one.

    :param line: as it is read, without markup.
    """
    return _MENU.fullmatch(line.strip()) is not None


def furniture(line: str) -> Kind | None:
    """Name the kind of page furniture that a line is by itself, or None for content.

    :param line: as it is read, without markup.
    """
    if len(line) > _LONGEST_BANNER:
        return None
    if is_button(line) or _is_banner(line):
        return "promotion"
    bare = _DECORATION.sub("", line) or line.strip()
    if _NAVIGATION.fullmatch(bare) or _BREADCRUMB.fullmatch(bare) or _COPYRIGHT.fullmatch(line.strip()):
        return "navigation"
    return None


def _is_banner(line: str) -> bool:
    """Tell whether a short line advertises: an offer, or an invitation and nothing besides."""
    if len(line) > _LONGEST_BANNER:
        return False
    return bool(_OFFER.search(line) and len(line.split()) <= 25) or bool(_INVITATION.search(line.strip()))  # noqa: PLR2004


def sentence_kind(sentence: str) -> Kind | None:
    """Name the kind of page furniture that a sentence within a paragraph clearly is, or None for content.

    :param sentence: as it stands in the text.
    """
    bare = sentence.strip()
    if _INVITATION.search(bare) or _ABOUT_PAGE.search(bare):
        return "promotion"
    return "disclaimer" if _DISCLAIMER.search(bare) else None


def is_labelled_disclaimer(line: str) -> bool:
    """Tell whether a line starts with the word "Disclaimer" and a colon or dash."""
    return _LABELLED_DISCLAIMER.match(line[:_LONGEST_BUTTON]) is not None


def glued_button(line: str) -> int:
    """Return how many code points of a line are a button that runs into the text after it, or 0."""
    found = _GLUED.match(line)
    return found.end() if found else 0


def glued_end(line: str) -> int:
    """Return where a button that ends a line after its last sentence starts, or the line's length."""
    found = _GLUED_END.search(line)
    return found.start() if found else len(line)
