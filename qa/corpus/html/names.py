"""The names that page makers give to what is not the article: classes and ids -> the kind of boilerplate.

A name counts only as a whole, so that ``related`` is one and ``related-symptoms`` none.
"""

from __future__ import annotations

import re

from qa.types import BoilerplateKind

_PLACE = (
    "(?:site|page|main|global|top|bottom|primary|secondary|side|left|right|local|mobile|desktop|header|footer|user|sub|"
    "docs?|book|chapter|posts?|article|entry|section|sphinx|theme|bs|md|mw|wiki|wp|block|widget|social|tab|inpage|in-page|quick|mdbook|fancy)"
)
_PART = (
    "(?:wrap|wrapper|container|bar|box|links?|list|menu|inner|outer|section|block|widget|items?|area|panel|header|footer|path|row|"
    "tree|content|buttons?|icons?|tools?|top|bottom|left|right|up|body|title|titles|heading|trigger|sub|toggle|drawer|overlay|nav|menu|primary|secondary|main|mobile|desktop)"
)
_MENUS = (
    "nav|navbar|navigation|navi|menu|menubar|breadcrumbs?|crumbs|sidebar|side-bar|toc|table-of-contents|tableofcontents|minitoc|"
    "pagination|pager|navbox|navpath|navheader|navfooter|vertical-navbox|catlinks|printfooter|site-?map|toolbar"
)
_SHARING = (
    "(?:social-?)?(?:share|sharing)(?:this|-this|-this-page|-article)?|social|social-(?:media|network|follow|share|sharing)|follow-us|"
    "addtoany|sharedaddy|addthis|sharethis|post-?share"
)
_MORE = (
    "(?:related|recommended|suggested|popular|trending|more|latest|recent)-?(?:articles?|posts?|content|links|stories|topics|pages|products|"
    "items|reading|resources|news|videos?)|related|recommendations|you-(?:may|might)-also-like|jp-relatedposts|yarpp|read-next|more-from|keep-reading"
)
_CONSENT = (
    "(?:cookies?|gdpr|ccpa|consent|eu-cookie)-?(?:banner|notice|consent|bar|popup|pop-up|message|modal|overlay|law|law-info|alert|dialog|"
    "compliance|notification|warning|policy-banner)|cookieconsent|cookiebot|cybot-?cookiebot-?dialog|onetrust|onetrust-(?:consent-sdk|banner-sdk)|"
    "cc-(?:window|banner)|cky-consent"
)
_CHROME = (
    "(?:help|search|nav|menu)-?(?:popup|modal|container)|modal|popup|pop-up|lightbox|title-?area|copy-path|site-?header|global-?header|masthead|top-?bar|(?:site|page|global|main)-?footer|footer|colophon|skip|skip-?(?:link|links|nav|navigation|to-content|"
    "to-main|to-main-content)|skip-to-main-content-link|edit-?(?:link|section|this-page|page|on-github)|mw-editsection|mw-jump-link|mw-indicators|"
    "comments?-?(?:form|respond|list|area|section|container|wrapper|thread)|comments|respond|disqus-?thread|print-?(?:button|link|page)|back-to-top|to-top|scroll-to-top|"
    "page-feedback|feedback-?form|was-this-(?:page-)?helpful|linenos|lineno|linenodiv|line-?numbers?(?:-rows)?|copy-?(?:button|btn)|clipboard-?copy|"
    "author-?(?:bio|box)|(?:search|login|contact)-?(?:form|box|bar)|searchbox|language-?(?:selector|switcher|picker)|lang-?switcher|"
    "post-?(?:tags|categories)|tag-?cloud|mw-cite-backlink"
)
_ADVERTS = (
    "(?:newsletters?|subscribe|subscription|sign-?up|e-?mail-?sign-?up|promo|promotion|promos|advert|adverts|advertisement|advertising|"
    "sponsor|sponsored|sponsors|app-?banner|smart-?banner|donate|donation|upsell|paywall)"
)
_ADVERT_PART = "(?:wrap|wrapper|container|box|banner|block|form|bar|section|widget|slot|unit|label|inner|modal|popup|cta|content|text|link|button|area|message|card|signup|sign-up|bar)"
_AD = "ads?|adsbygoogle|ads?-(?:wrap|wrapper|container|box|banner|block|slot|unit|label|space|placeholder|zone)|banner-ads?|google-ads?|dfp-ad|cta|cta-(?:box|banner|block)|call-to-action"

_NAVIGATION = re.compile(
    rf"(?:{_PLACE}-?)*(?:{_MENUS})(?:-?{_PART})*|(?:{_PLACE}-)*(?:{_SHARING}|{_MORE}|{_CONSENT})(?:-{_PART})*|(?:{_PLACE}-)*(?:{_CHROME})"
)
_PROMOTION = re.compile(rf"(?:{_PLACE}-)?{_ADVERTS}(?:-{_ADVERT_PART})*|{_AD}")
_DISCLAIMER = re.compile(r"(?:[a-z]+-)*disclaimers?(?:-[a-z]+)*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINTS = re.compile(r"[_\W]+")
_LONGEST = 60


def kind_by_names(names: list[str]) -> BoilerplateKind | None:
    """Name the kind of boilerplate that a class or an id says an element is, or None for what may be content.

    :param names: as the page writes them.
    """
    for name in names:
        if len(name) > _LONGEST:
            continue
        plain = _JOINTS.sub("-", _CAMEL.sub("-", name)).strip("-").lower()
        if _DISCLAIMER.fullmatch(plain):
            return "disclaimer"
        if _PROMOTION.fullmatch(plain):
            return "promotion"
        if _NAVIGATION.fullmatch(plain):
            return "navigation"
    return None
