"""Names of enzymes and their recognition sites."""

import pytest

from sgrna_estimator.design.enzymes import recognition_sites


def test_enzymes_of_cloning():
    names = ["BsmBI", "Esp3I", "BbsI", "BsaI", "SapI", "AarI", "BlpI", "BstXI", "NotI"]
    sites = ["CGTCTC", "CGTCTC", "GAAGAC", "GGTCTC", "GCTCTTC", "CACCTGC", "GCTNAGC"]
    sites += ["CCANNNNNNTGG", "GCGGCCGC"]
    assert recognition_sites(names) == dict(zip(names, sites, strict=True))


def test_names_in_any_case():
    assert recognition_sites(["bsmbi", "BSAi"]) == {"BsmBI": "CGTCTC", "BsaI": "GGTCTC"}


def test_a_name_that_there_is_not():
    with pytest.raises(
        ValueError, match=r"no restriction enzyme 'BsmB1'; there are .*BsmBI"
    ):
        recognition_sites(["BsmB1"])
    with pytest.raises(ValueError, match="no restriction enzyme '%%' in REBASE"):
        recognition_sites(["%%"])
