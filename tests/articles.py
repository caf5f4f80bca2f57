"""Articles for tests, in our own words."""

from typing import NamedTuple

WHATSAPP = (
    "Facebook will buy WhatsApp for 19 billion dollars. The messaging service has 450 million users. "
    "Regulators have yet to agree to the deal."
)
BRIDGE = (
    "Engineers closed the old bridge over the river on Tuesday. Inspectors had found cracks in two of its pillars. "
    "Repairs will take eleven months and cost 4 million euros.\n\n"
    "The mayor apologised to commuters. A ferry will cross every ten minutes until then."
)
ORCHESTRA = (
    "The city orchestra named a new conductor. She is the violinist Ada Lindqvist, who grew up in Tampere. "
    "Her first concert is in September."
)


class Pasted(NamedTuple):
    """An article as it is copied from a page: the text, and the pieces of it that are not the reporter's."""

    text: str
    title: str
    furniture: tuple[str, ...]


HELSINKI = Pasted(
    text="""ADVERTISEMENT

President Returns From Helsinki With Promise of Aid on North Korea

A first meeting of the two neighbours is being prepared, a Moscow news agency wrote.

President Returns From Helsinki With Promise of Aid on North Korea
The president and the North Korean leader shake hands on the hotel terrace in Singapore. (Source: PTI)

(Wireservice) -- The president said on Wednesday that Russia will help the United States with North Korea. \
He gave no details of how, or when, that help would come.

“They will work with us, and there is no hurry at all,” he wrote. “The sanctions stay for now!”

Moscow’s ambassador in Pyongyang, Alexander Matsegora, told the agency RIA that a summit of both leaders is planned. \
He added that the United Nations might soften its penalties if the North keeps its word.

ADVERTISEMENT

Share this on Facebook

Deputy Foreign Minister Igor Morgulov arrived in Pyongyang on the same day, the state agency KCNA reported. \
A spokesman in Moscow would not say what he discussed there.

Georgy Toloraya of the Academy of Sciences called Russia a possible guarantor of the North’s security. \
Only an arrangement of several states can give the country some certainty, he argued.

Critics had accused the president of believing Vladimir Putin rather than his own intelligence services. \
On Tuesday he said that he had left out a single small word.

To contact the reporter on this story: Jane Roe in Washington at jroe@wireservice.example

To contact the editors responsible for this story: Max Muster at mmuster@wireservice.example

©2018 Wireservice L.P.""",
    title="President Returns From Helsinki With Promise of Aid on North Korea",
    furniture=(
        "ADVERTISEMENT",
        "President Returns From Helsinki With Promise of Aid",
        "shake hands on the hotel terrace",
        "(Source: PTI)",
        "(Wireservice) --",
        "Share this on Facebook",
        "To contact the reporter",
        "jroe@wireservice.example",
        "mmuster@wireservice.example",
        "©2018",
    ),
)

AUSTRALIA = Pasted(
    text="""Australia Loses Top Rank as Coal Exporter After Floods

Australia Loses Top Rank as Coal Exporter After Floods
Ships wait for coal off the port of Newcastle. (Photo: Example Images)

SYDNEY (Wireservice) - Indonesia shipped more coal than Australia in the first quarter, the energy office said on \
Thursday. Floods had closed seven mines in Queensland for three weeks.

Exports fell by 14 percent to 38 million tonnes, the lowest since 2011. The miner Southern Ridge declared force \
majeure on contracts with Japan and Korea.

Read more: How the floods hit farmers

“The railway will be open by June,” the state’s transport minister, Mark Ellery, told reporters in Brisbane.

Analysts expect Australia to regain its place before the end of the year. Prices rose to 212 dollars a tonne.

Sign up for our morning newsletter

To contact the reporter on this story: John Doe in Sydney at jdoe@wireservice.example

© 2018 Wireservice. All rights reserved.""",
    title="Australia Loses Top Rank as Coal Exporter After Floods",
    furniture=(
        "Australia Loses Top Rank",
        "Ships wait for coal",
        "(Photo: Example Images)",
        "SYDNEY (Wireservice)",
        "Read more",
        "How the floods hit farmers",
        "newsletter",
        "To contact the reporter",
        "jdoe@wireservice.example",
        "©",
        "All rights reserved",
    ),
)
PASTED = (HELSINKI, AUSTRALIA)
