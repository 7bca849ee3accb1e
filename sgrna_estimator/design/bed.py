"""Guides -> the BED file that CRISPRware and GuideScan2 take."""

import pandas as pd

from sgrna_estimator.sequences.layout import GuideLayout

NAME = "id,sequence,pam,chromosome,position,sense"


def to_bed(guides: pd.DataFrame, layout: GuideLayout) -> str:
    """Return guides as BED in the layout of CRISPRware.

    Parameters
    ----------
    guides : DataFrame
        A guide a row: ``chromosome``, ``start`` and ``end`` of the protospacer (from 0,
        half-open), ``strand``, ``spacer`` and ``context``.
    layout : GuideLayout
        With the pattern of the PAM.

    Returns
    -------
    str
        Lines of chromosome, start, end, name, context and strand, after a heading that
        begins with ``#``. The name is a line of GuideScan2's table of guides: its
        ``pam`` is the pattern, and its ``position`` counts from 1 and is that of the
        first letter, on the forward strand, of spacer and PAM together.

    Raises
    ------
    ValueError
        If the name of a chromosome has a comma, which would end it there.
    """
    with_comma = guides["chromosome"][guides["chromosome"].str.contains(",")]
    if len(with_comma):
        raise ValueError(
            f"the sequence {with_comma.iloc[0]!r} has a comma in its name, which the "
            "names in BED cannot have: rename it in the FASTA, or write a .tsv"
        )
    chromosome, strand = guides["chromosome"], guides["strand"]
    # The PAM is on the left of the spacer if it is first on the forward strand, or last
    # on the other one.
    pam_is_left = layout.pam_first == (strand == "+")
    position = (guides["start"] + 1 - layout.pam_length * pam_is_left).astype("int64")
    place = chromosome + ":" + position.astype(str) + ":" + strand
    target = guides["spacer"] + "," + str(layout.pam_pattern) + "," + chromosome
    name = place + "," + target + "," + position.astype(str) + "," + strand
    columns = {
        "#chr": chromosome,
        "start": guides["start"].astype("int64"),
        "stop": guides["end"].astype("int64"),
        NAME: name,
        "context": guides["context"],
        "strand": strand,
    }
    # A comma, which the name has, is nothing to quote between tabs.
    return pd.DataFrame(columns).to_csv(sep="\t", index=False)
