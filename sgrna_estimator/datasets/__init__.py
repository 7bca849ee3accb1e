"""Files -> checked tables of guides: published screens, simulated ones, and your own.

The published tables are downloaded when they are first asked for, or read from the
folder that `get_data_home` names, and checked against their SHA-256 either way.
"""

from sgrna_estimator.datasets.downloads import DatasetError, get_data_home
from sgrna_estimator.datasets.files import TableError
from sgrna_estimator.datasets.guide_table import GuideTable
from sgrna_estimator.datasets.loading import load_table
from sgrna_estimator.datasets.published import (
    fetch_crispra_tiling,
    fetch_crispron2021,
    fetch_doench2016,
    fetch_haeussler2016,
    fetch_kim2019,
)
from sgrna_estimator.datasets.simulated import make_guide_screen

__all__ = [
    "DatasetError",
    "GuideTable",
    "TableError",
    "fetch_crispra_tiling",
    "fetch_crispron2021",
    "fetch_doench2016",
    "fetch_haeussler2016",
    "fetch_kim2019",
    "get_data_home",
    "load_table",
    "make_guide_screen",
]
