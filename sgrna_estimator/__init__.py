"""Learn from a CRISPR screen which guide RNAs work, from their sequence.

The public names are in ``__init__.pyi``; each is imported when it is first used, so that
the command line shows its help, and a script starts, without waiting for scikit-learn.
"""

import lazy_loader

from sgrna_estimator._version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
