# SPDX-License-Identifier: Apache-2.0
"""Where the service is other than Sahara on purpose, by the number of Sahara's defect.

tests/functional/test_sahara_defects.py has what holds each of them, by its number.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Difference:
    """``sahara`` is what Sahara does, ``here`` what is done instead and why."""

    number: int
    sahara: str
    here: str


#: For the one without a test of its own: what there is to see.
WITHOUT_TEST = {20}

DIFFERENCES = tuple(
    Difference(number, *texts)
    for number, texts in enumerate(
        (
            (
                "v2 shows passwords, keys and trusts in answers about one job.",
                "Values of secret settings are blank in every answer, and what is "
                "internal is left out: a secret that is told is none.",
            ),
            (
                "v2 answers a change of an image's tags with ``image`` only, and the "
                "``image tags`` commands look at the top level.",
                "The fields are in both places, so that the commands work.",
            ),
            (
                "v2 refuses ``refresh_status``, which its own client sends.",
                "It is taken; the job is looked at at once.",
            ),
            (
                "v2 shows an image's tags as a bare list, which the client cannot "
                "read.",
                "They are under the key ``tags``.",
            ),
            (
                "v2 answers 500 to the download of a job binary.",
                "The bytes come.",
            ),
            (
                "``node group template list --plugin-version`` sends "
                "``hadoop_version``, which v2 refuses.",
                "v2 takes it for ``plugin_version``.",
            ),
            (
                "``job type list`` filters by words that one version refuses and the "
                "other overlooks.",
                "Both versions take all spellings, and filter.",
            ),
            (
                "v1.1 exports node group templates with settings that v1.1 refuses "
                "to take back.",
                "Exports of v1.1 have only what v1.1 takes.",
            ),
            (
                "v2 refuses filters that the dashboard sends.",
                "They are taken.",
            ),
            (
                "Sorting by what is no field, or by ``plugin_version``, ends in 500.",
                "What is no field is refused with 400; ``plugin_version`` sorts.",
            ),
            (
                "A page of jobs begins at its marker, so pages of one never advance.",
                "It begins after the marker, as all other lists' pages do.",
            ),
            (
                "Suspending a Spark job marks it ``SUSPENDFAILED`` while it runs on.",
                "Refused with 400; the job is left as it is.",
            ),
            (
                "Scheduled jobs are described and cannot be had.",
                "A schedule in a request is overlooked.",
            ),
            (
                "``edp.spark.adapt_for_swift`` set to the text ``False`` counts as "
                "true.",
                "The setting is not needed: credentials reach Spark with and "
                "without it.",
            ),
            (
                "v1.1 answers 500 to a change of a data source as soon as there is "
                "a job without URLs.",
                "The change is made.",
            ),
            (
                "v2 does not look at a data source's new URL.",
                "It is checked as at creation.",
            ),
            (
                "A cluster that was refused stays behind in ``Error``.",
                "Nothing is kept, and the name is free: a refusal has no effect.",
            ),
            (
                "Filters are regular expressions, run by the database.",
                "They are parts of the text: a filter can then neither fail nor "
                "keep a database busy.",
            ),
            (
                "A list of clusters has every node group and node of each.",
                "The same, for clients rely on it; from microversion 2.1 on "
                "``summary=true`` gives a short list.",
            ),
            (
                "v1.1 cancels and refreshes jobs by ``GET``.",
                "The same in v1.1, whose clients have nothing else; not in v2.",
            ),
            (
                "Zero or fewer clusters can be asked for.",
                "Refused with 400.",
            ),
            (
                "The ``job binary delete`` command compares the code of an error with "
                "a text, and so fails when the bytes are gone already.",
                "The code stays a number, as all other clients expect.",
            ),
            (
                "Updating a node group template wipes what cluster templates override "
                "of it.",
                "Overrides stay.",
            ),
            (
                "A cluster that could not be scaled is ``Active`` and says nothing.",
                "``Active`` too, for clients compare the word; "
                "``status_description`` says why.",
            ),
        ),
        start=1,
    )
)
