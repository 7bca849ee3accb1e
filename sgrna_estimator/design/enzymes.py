"""Names of restriction enzymes -> their recognition sites."""

from collections.abc import Iterable
from difflib import get_close_matches


def recognition_sites(names: Iterable[str]) -> dict[str, str]:
    """Return the recognition sites of restriction enzymes.

    Parameters
    ----------
    names : iterable of str
        Names such as ``"BsmBI"``, in any case.

    Returns
    -------
    dict of str to str
        The site of each enzyme in IUPAC letters, by its proper name, as REBASE has it
        (the copy that Biopython carries).

    Raises
    ------
    ValueError
        If there is no enzyme of that name, or its site is not known.

    Examples
    --------
    >>> from sgrna_estimator.design.enzymes import recognition_sites
    >>> recognition_sites(["bsmbi", "BlpI"])
    {'BsmBI': 'CGTCTC', 'BlpI': 'GCTNAGC'}
    """
    # Names and sites only: enzymes themselves look for cuts, of which those outside a
    # spacer are none to them, and take another while to import.
    from Bio.Restriction.Restriction_Dictionary import rest_dict

    proper = {name.casefold(): name for name in rest_dict}
    sites = {}
    for given in names:
        name = proper.get(given.casefold())
        if name is None:
            close = get_close_matches(given.casefold(), proper, n=3)
            hint = ", ".join(proper[each] for each in close)
            raise ValueError(
                f"there is no restriction enzyme {given!r}"
                + (f"; there are {hint}" if hint else " in REBASE")
            )
        sites[name] = str(rest_dict[name]["site"])
    return sites
