"""A passage that holds nothing of the kind asked for does not answer."""

from __future__ import annotations

import pytest

from qa.answertype import asks, fits


@pytest.mark.parametrize(
    ("question", "text", "holds"),
    [
        ("How many mg of oil a day?", "Take 5 mg of oil.", True),
        ("How many mg of oil a day?", "Oil is good for chains.", False),
        ("what dose is usual", "Take two tablets.", True),
        ("what dose is usual", "A dose is taken at night.", False),
        ("Is oil in high doses bad?", "It is.", True),
        ("Which is better, oil or wax?", "Wax lasts longer than oil.", True),
        ("Is wax better than oil?", "Oil and wax are sold in bottles.", False),
        ("What percentage of chains break?", "Chains break often.", False),
        ("What percentage of chains break?", "One in ten chains breaks.", True),
        ("What does insurance pay for?", "It is felt in the feet.", False),
        ("What does a new chain cost?", "A chain costs 20 euros.", True),
        ("What does a new chain cost?", "A chain wears out.", False),
        ("Who invented the bell?", "The bell was invented by John Dedicoat.", True),
        ("Who invented the bell?", "The bell warns others.", False),
        ("Where can I buy a saddle?", "Any bicycle shop sells it.", True),
        ("Where can I buy a saddle?", "The saddle carries the rider.", False),
        ("In what year was the tyre patented?", "It was patented in 1888.", True),
        ("In what year was the tyre patented?", "It was patented early.", False),
        ("How long does a chain last?", "A chain lasts some thousand kilometres.", True),
        ("How long does a chain last?", "Steel rusts.", False),
        ("How often should it be oiled?", "Oil it every week.", True),
        ("How often should it be oiled?", "Oil it.", False),
        ("Why is a penny-farthing called that?", "It is called so because of two coins.", True),
        ("Why is a penny-farthing called that?", "The penny-farthing is a tall bicycle.", False),
        ("what are the side effects of chain oil", "Chain oil can cause a rash.", True),
        ("what are the side effects of chain oil", "Chain oil keeps rust away.", False),
        ("In what year was the tyre patented?", "2. It may have been patented early.", False),
        ("In what year was the tyre patented?", "It was patented in the 1880s.", True),
        ("How long do side effects of oil last?", "Oil has side effects.", False),
        ("Does a CAT scan show cracks in a frame?", "A scan shows every crack.", True),
        ("How high is a saddle for kids?", "A saddle spares the kidneys fifteen times.", False),
        ("May I ride after a glass of wine?", "Ride when drinking water is at hand.", False),
        ("Which blood tests find it?", "The level of iron shows it.", True),
        ("Which blood tests find it?", "Nobody knows its cause.", False),
        ("How high is a saddle for kids?", "A child's saddle is low.", True),
        ("How high is a saddle for kids?", "A racing saddle is high.", False),
        ("Is oil fumes' smell bad in pregnancy?", "Those who are pregnant should air the room.", True),
        ("Is oil fumes' smell bad in pregnancy?", "Air the room.", False),
        ("May I ride after a glass of wine?", "Whoever drinks should walk.", True),
        ("May I ride after a glass of wine?", "A rider needs lamps.", False),
        ("Is it safe to drive with a rack?", "Some cars carry racks badly.", True),
        ("Is it safe to drive with a rack?", "A rack weighs ten kilos.", False),
        ("Do dogs like baskets?", "A pet sits well in a basket.", True),
        ("Do dogs like baskets?", "A basket holds a lock.", False),
        ("How much oil a day should a child use?", "Use 5 ml.", False),
        ("Why does it squeak?", "Steel rusts.", True),
    ],
)
def test_the_kind_asked_for_is_looked_for(question: str, text: str, holds: bool) -> None:  # noqa: FBT001 - a table
    """Amounts, prices, names, origins, side effects, places to buy, years, times and numbers are known by their looks."""
    assert fits(text, asks(question)) is holds
