"""What the published tables hold, and where they come from (``DESCR``)."""

CRISPRA_TILING = """\
CRISPRa tiling screens of neuronal differentiation and of self-renewal (mouse)
==============================================================================

2,073 guides: 709 of 18 genes in the neuron screen, 1,364 of 24 genes in the
self-renewal screen. Only the top genes of each screen are in the tables.

screen          "neuron" or "self_renewal"
seq             43 nt: 10 upstream, 20 nt spacer (which begins with G), NGG PAM,
                10 downstream
gene            target gene; no gene is in both screens
guide           the spacer
distance2TSS    distance to the transcription start site, in nt
chr, pos, start, end, strand
                place in the genome
log2fc          log2 fold change
mixture_probs   posterior probability that the guide is active, from a mixture model
                without the sequence, fitted by Hamiltonian Monte Carlo (the target)
gene_effect     posterior mean of the log2 fold change of the gene's active guides
mixing          posterior mean of the share of the gene's guides that are active

Source: github.com/timydaley/CRISPRa-sgRNA-determinants,
deepLearningMixtureRegression/, commit 1dccda4f. No licence is stated beside the
tables.

References: the neuron screen is that of Liu Y, Yu C, Daley TP, et al. (2018), CRISPR
activation screens systematically identify factors that drive neuronal fate and
reprogramming, Cell Stem Cell 23:758-771.e8. The source names no paper for the
self-renewal screen.
"""

KIM2019 = """\
SpCas9 indel frequencies at 12,832 target sequences (human cells)
=================================================================

Guides and their targets were delivered together by lentivirus, and indels were
counted 2.9 days after the delivery of SpCas9. There are no genes to group by.

Target context sequence (4+20+3+3)
                30 nt: 4 upstream, 20 nt protospacer, NGG PAM, 3 downstream
Background subtracted indel (%)
                indel frequency less that of day 0, in per cent (the target)
Barcode, and the read counts and frequencies at day 0 and day 2.9

Column names are those of the source with white space collapsed.

Source: github.com/PeterDeWeirdt/sgrna_modeler, sgrna_modeler/data/datasets/, commit
5c6cf033, MIT licence. The article is under CC BY-NC 4.0.

Reference: Kim HK, Kim Y, Lee S, et al. (2019), SpCas9 activity prediction by
DeepSpCas9, a deep learning-based model with high generalization performance,
Science Advances 5:eaax9249, doi:10.1126/sciadv.aax9249.
"""

DOENCH2016 = """\
SpCas9 knock-out screens of 17 genes (flow cytometry and drug resistance)
=========================================================================

5,310 rows, but 4,379 distinct sequences: the same guide stands under several drugs.
Split by gene, never by row.

30mer           30 nt: 4 upstream, 20 nt protospacer, NGG PAM, 3 downstream
Target gene     17 genes
score_drug_gene_rank
                rank of the guide within its gene and drug, from 0 to 1, the most
                active highest (the target)
score_drug_gene_threshold
                1 for the most active fifth within gene and drug, else 0
Percent Peptide, Amino Acid Cut position
                where the protein is cut, in per cent of its length and in residues
drug            "nodrug" for the flow cytometry screens

The column `predictions` of the source is left out: it holds predictions of a model
that was trained on these rows.

Source: github.com/MicrosoftResearch/Azimuth, azimuth/data/, commit 84eb013b,
BSD 3-clause licence.

Reference: Doench JG, Fusi N, Sullender M, et al. (2016), Optimized sgRNA design to
maximize activity and minimize off-target effects of CRISPR-Cas9, Nature Biotechnology
34:184-191, doi:10.1038/nbt.3437.
"""

CRISPRON2021 = """\
SpCas9 indel frequencies at 11,595 target sequences (HEK293T cells)
====================================================================

Guides and surrogate targets were delivered together by lentivirus, and indels were
counted by sequencing. There are no genes to group by; 54 of the 30-mers are in Kim et
al. (2019) too.

Surrogate ID    number of the surrogate target
gRNA            31 nt, as in the source: 5 upstream, 20 nt protospacer, NGG PAM,
                3 downstream
30mer           the same without its first letter: 4 upstream, 20 nt protospacer, NGG
                PAM, 3 downstream (the sequences)
mean_eff        indel frequency in per cent (the target)

Source: github.com/OrensteinLab/DeepCRISTL, CRISPROn/data/edited_dataframes/, commit
4081b51c, MIT licence. The article is under CC BY 4.0.

Reference: Xiang X, Corsi GI, Anthon C, et al. (2021), Enhancing CRISPR-Cas9 gRNA
efficiency prediction by data integration and deep learning, Nature Communications
12:3238, doi:10.1038/s41467-021-23576-0.
"""

_HAEUSSLER = """\
guide           name of the guide{gene}
seq             20 nt spacer and NGG PAM
db, position    genome assembly, and place of longSeq100Bp in it
longSeq100Bp    100 nt around the guide, on its strand; the spacer begins at letter 31
                in all rows
30mer           cut from it: 4 upstream, 20 nt protospacer, NGG PAM, 3 downstream (the
                sequences); the context of every guide is whole, so that none is left
                out
modFreq         {target} (the target)

The columns of the source with the scores of other tools are left out: some of these
tools were trained on these guides.

Source: github.com/OrensteinLab/DeepCRISTL, data/main_dataframes/u6t7/, commit 4081b51c,
MIT licence. The compilation is under CC BY 4.0.

References: {reference}
Compiled by Haeussler M, Schönig K, Eckert H, et al. (2016), Evaluation of off-target
and on-target scoring algorithms and integration into the guide RNA selection tool
CRISPOR, Genome Biology 17:148, doi:10.1186/s13059-016-1012-2.
"""

_DOENCH2014_HS = """\
SpCas9 knock-out screens of CD13, CD15 and CD33 (flow cytometry, human cells)
=============================================================================

881 guides of 3 genes. 770 of them are in Kim et al. (2019) too.

""" + _HAEUSSLER.format(
    gene="""
gene            target gene, the part of that name before the last hyphen""",
    target="activity, from 0 to 1, more is more active",
    reference="""\
Doench JG, Hartenian E, Graham DB, et al. (2014), Rational design of
highly active sgRNAs for CRISPR-Cas9-mediated gene inactivation, Nature Biotechnology
32:1262-1267, doi:10.1038/nbt.3026.""",
)

_CHARI2015_293T = """\
SpCas9 indels at 1,234 targets (293T cells)
===========================================

Each guide has a target of its own, so that there are no genes to group by.

""" + _HAEUSSLER.format(
    gene="",
    target="how often the target was mutated, more is more active",
    reference="""\
Chari R, Mali P, Moosburner M, Church GM (2015), Unraveling CRISPR-Cas9 genome
engineering parameters via a library-on-library approach, Nature Methods 12:823-826,
doi:10.1038/nmeth.3473.""",
)

_XU2015_HL60 = """\
SpCas9 depletion of guides of essential genes (HL-60 cells)
===========================================================

2,076 guides of 220 genes. LOWER IS MORE ACTIVE: cells whose essential gene is cut are
lost. Change the sign before comparing with other tables.

""" + _HAEUSSLER.format(
    gene="""
gene            target gene, the part of that name before the last hyphen""",
    target="change in abundance, lower is more active",
    reference="""\
Xu H, Xiao T, Chen CH, et al. (2015), Sequence determinants of improved
CRISPR sgRNA design, Genome Research 25:1147-1157, doi:10.1101/gr.191452.115.""",
)

HAEUSSLER2016 = {
    "doench2014-Hs": _DOENCH2014_HS,
    "chari2015Train293T": _CHARI2015_293T,
    "xu2015TrainHl60": _XU2015_HL60,
}
