"""Run the command line: ``python -m sgrna_estimator``."""

from sgrna_estimator._cli import main

if __name__ == "__main__":
    main()
