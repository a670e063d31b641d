"""Words that explain the number after them, so that it is no reference marker."""

from __future__ import annotations

_COUNTED = """
    type types grade grades stage stages phase phases step steps figure figures fig table tables chapter
    chapters section sections part parts page pages pp line lines item items question answer number numbers no
    nos nr level levels class classes group groups version volume vol issue case cases exon exons intron codon
    chromosome chromosomes factor factors vitamin vitamins box unit units room floor week weeks day days month
    months year years hour hours minute minutes age ages aged score scores category categories tier channel
    appendix article rule schedule model series round season episode track dose doses cycle cycles visit trial
    study band zone cluster position residue subtype subunit isoform alpha beta gamma interleukin hepatitis
    diabetes protein gene allele receptor form hla omega covid herpesvirus virus grammar route highway bus
    gate platform apt suite ext dial call press rev edition lesson module exercise january february march
    april may june july august september october november december jan feb mar apr jun jul aug sep sept oct
    nov dec mon tue wed thu fri sat sun
"""
_LEADING = """
    a an the of to than about in at by from for and or is are was were until till under over least most nearly
    approximately between through around near above below within per with only just every each another exactly
    roughly almost some up plus minus times equal equals exceed exceeds on as be been reaches reached scored
    versus vs into last next past first before after all both these those other any one two three four five
    six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
    twenty thirty forty fifty sixty seventy eighty ninety hundred had has have number
"""
_LOOSE = """
    both those these all any other some before after below above within through up on over under by just it
    this that
"""
_ABBREVIATED = """
    fig figs no nos vol pp ch sec eq ref refs tab ed eds art para approx max min al dr st ver
"""

# Nouns that a number belongs to: "type 2" cites nothing.
COUNTED = frozenset(_COUNTED.split())
# Words that lead to a number: "the age of 5".
LEADING = frozenset(_LEADING.split())
# These lead to a number, but can also end a sentence: no evidence, and no objection either.
LOOSE = frozenset(_LOOSE.split())
# Abbreviations whose stop ends no sentence: "vol.2".
ABBREVIATED = frozenset(_ABBREVIATED.split())
