"""Sites -> a table, a guide a row, of text and numbers."""

import numpy as np
import pandas as pd

from sgrna_estimator.sites import Region, Sites

# Of a site, in this order.
COLUMNS = (
    "chromosome",
    "start",
    "end",
    "strand",
    "cut_position",
    "spacer",
    "pam",
    "context",
)


def frame_of(sites: Sites) -> pd.DataFrame:
    """Return sites as a table.

    Parameters
    ----------
    sites : Sites

    Returns
    -------
    DataFrame
        `COLUMNS`, as `Sites.to_frame` has them, but with text instead of categories.
    """
    frame = sites.to_frame()[list(COLUMNS)]
    texts = frame.columns.difference(["start", "end", "cut_position"])
    return frame.astype(dict.fromkeys(texts, object))


def regions_of(sites: Sites) -> pd.Series:
    """Return what the region of each site is called.

    Parameters
    ----------
    sites : Sites

    Returns
    -------
    Series of str of shape (n_sites,)
        See `region_name`.
    """
    names = [region_name(region) for region in sites.regions]
    return pd.Series(np.array(names, dtype=object)[sites.region])


def region_name(region: Region) -> str:
    """Return what a region is called: its name or, if it has none, where it is.

    Parameters
    ----------
    region : Region

    Returns
    -------
    str
        The same for regions of one name, such as the exons of a gene, which are one.
    """
    return region.name or str(region)
